"""Sends each run's patches to any number of followers: one view for each run, one task, and each frame encoded once."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

from streaming.core.run import Run
from streaming.core.serialization import to_json
from streaming.live import patches
from streaming.live.history import PatchHistory
from streaming.live.patches import DEFAULT_VIEWS, Patch, operations
from streaming.live.raw_rows import raw_row
from streaming.live.view import PACE_S, RunView
from streaming.projections.active_nodes import Edge

FRAME_S = 0.008
"""Frames of a run are at least so far apart, except the first after a silence, which goes at once."""
MAX_FRAME_S = 0.1
_REST_PER_COST = 16
"""After sending for a millisecond a run rests for sixteen: with many followers frames are fewer, and hold more."""
_CATCH_UP_S = 0.25
_STAMP_S = 1.0
_BATCH = 100
_RAW_ROWS = 500
_MAX_UNFOLLOWED = 64
_FAILED = -1

_log = logging.getLogger(__name__)

About = Callable[[Run], Mapping[str, Any]]
Edges = Callable[[Run], Iterable[Edge]]


@dataclass(slots=True, kw_only=True, eq=False)
class Following:
    """How far one follower is with one run: entries, raw rows, and the last tail it got; `None`: it has nothing yet."""

    channel: "Channel"
    views: frozenset[str]
    wake: Callable[[], None]
    seq: int | None
    raw_seq: int = 0
    tail: int = 0

    def next_frame(self) -> str | None:
        """The next frame for this follower, in order; `None` where it has all there is."""
        return self.channel.next_frame(self)


class Channel:
    """One run for its followers: as long as there is one, the run is followed, which counts for its grace time."""

    def __init__(self, run: Run, *, about: About, edges: Edges) -> None:
        self._run = run
        self._about = about
        self._edges = edges
        self._view: RunView | None = None
        self._history = PatchHistory([])
        self._followings: set[Following] = set()
        self._following = ExitStack()
        self._opening: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._called = False
        self._rests_until = self._published_at = 0.0
        self._frames: dict[Any, str] = {}
        self._tail: list[Patch] = []
        self._tail_seq = -1
        self._tail_number = 0
        self._stamped = -_STAMP_S
        self._stamp: float | None = None
        self._over = False
        self._ready = False
        self._failed = False

    @property
    def followed(self) -> bool:
        return bool(self._followings)

    def join(self, following: Following) -> None:
        """Send this run to one more follower."""
        self._followings.add(following)
        if len(self._followings) == 1 and self._opening is None and not self._over and not self._failed:
            self._opening = asyncio.create_task(self._open(), name=f"view of run {self._run.id[:6]}")
        following.wake()

    def leave(self, following: Following) -> None:
        """The follower goes; with the last one the run is not followed any more."""
        self._followings.discard(following)
        if not self._followings:
            if self._opening is not None:
                self._opening.cancel()
                self._opening = None
            self._following.close()
            self._stop_timer()

    def next_frame(self, following: Following) -> str | None:
        if self._failed and following.seq != _FAILED:
            following.seq = _FAILED
            return to_json({"run": self._run.id, "gone": "The server could not make a picture of this run."}).decode()
        if not self._ready or self._failed:
            return None
        seq = self._history.seq
        tail = self._tail_number if self._tail_seq == seq else 0
        raw_behind = "raw" in following.views and following.raw_seq < self._run.length
        if raw_behind and self._over and following.seq is not None and self._history.keeps(following.seq):
            # Before the end: a follower may leave with it.
            return self._raw_frame(following)
        if following.seq != seq or following.tail < tail:
            frame = self._patch_frame(following, tail > following.tail)
            following.seq, following.tail = seq, max(following.tail, tail)
            return frame
        if raw_behind:
            return self._raw_frame(following)
        return None

    def _patch_frame(self, following: Following, with_tail: bool) -> str:
        """From where this follower is to the present; shared by all that are there."""
        since = following.seq
        if since is not None and not self._history.keeps(since):
            since, following.raw_seq = None, 0
        key = (self._history.seq, since, following.views, with_tail)
        if key not in self._frames:
            self._frames[key] = self._encode(since, following.views, with_tail)
        return self._frames[key]

    def _encode(self, since: int | None, views: frozenset[str], with_tail: bool) -> str:
        wanted = operations(views)
        if since is None:
            # What is pending is set again later: no harm in sending it to one who starts here.
            found = [*self._history.snapshot(), *(self._view.pending() if self._view else []), *self._state()]
            head: dict[str, Any] = {"snapshot": True}
        else:
            found = [*self._history.since(since), *(self._tail if with_tail else [])]
            head = {"from": since}
        stamp = self._age() if since is None else self._stamp
        timed = {} if stamp is None else {"t": round(stamp, 3)}
        shown = [patch for patch in found if patch[0] in wanted]
        frame = {"run": self._run.id, **head, "seq": self._history.seq, "p": shown, **timed}
        return to_json(frame).decode()

    def _raw_frame(self, following: Following) -> str:
        first = following.raw_seq
        entries = self._run.since(first)[:_RAW_ROWS]
        following.raw_seq = first + len(entries)
        seq = following.seq
        key = ("raw", first, len(entries), seq)
        if key not in self._frames:
            rows = [row for entry in entries if (row := raw_row(entry)) is not None]
            frame = {"run": self._run.id, "from": seq, "seq": seq, "p": [patches.raw(rows)] if rows else []}
            self._frames[key] = to_json(frame).decode()
        return self._frames[key]

    def _age(self) -> float | None:
        return None if self._over else self._run.age_s

    def _state(self) -> list[Patch]:
        """What no event of the log tells."""
        return [patches.run({"draining": True})] if self._run.draining else []

    async def _open(self) -> None:
        """Make the view, and look at the log from now on."""
        try:
            if self._view is None:
                about = self._about(self._run)
                edges = await asyncio.to_thread(self._edges, self._run)
                self._view = RunView(about=about, edges=edges)
                self._history = PatchHistory(self._view.opening())
        except Exception:  # noqa: BLE001 - a view that fails must not stop the text
            self._fail()
            return
        self._opening = None
        self._following.enter_context(self._run.followed_by(self))
        self._look()

    def wake(self) -> None:
        """The run has a new event; called from the thread that appends."""
        if not self._called:
            self._called = True
            # A loop that has closed took its followers along.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        """Take what is new, at once or when the pause after the last frame is over."""
        self._called = False
        self._at(self._rests_until)

    def _at(self, when: float) -> None:
        """Advance at this time of the loop, or earlier if that is planned already."""
        now = self._loop.time()
        if when <= now:
            self._advance()
        elif self._timer is None or self._timer.when() > when:
            self._stop_timer()
            self._timer = self._loop.call_at(when, self._advance)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _advance(self) -> None:
        self._stop_timer()
        if not self._followings or self._view is None:
            return
        try:
            self._take(self._view)
        except Exception:  # noqa: BLE001 - a view that fails must not stop the text
            self._fail()

    def _take(self, view: RunView) -> None:
        now = self._loop.time()
        batch = self._run.since(view.seq)[:_BATCH]
        for entry in batch:
            self._history.add(view.apply(entry))
        behind = view.seq < self._run.length
        if behind and now - self._published_at < _CATCH_UP_S:
            # Other tasks of the loop get a turn between two batches.
            self._timer = self._loop.call_later(0, self._advance)
            return
        if self._run.ended is not None and not behind:
            self._close()
        if batch or self._over or not self._ready or self._silent(view):
            self._publish(now)
        if not self._over:
            # Whoever appends looks earlier; this is for what is pending when the run is silent.
            self._at(now + (0.001 if behind else PACE_S))

    def _close(self) -> None:
        """Nothing more comes."""
        self._over, self._view = True, None
        self._following.close()

    def _fail(self) -> None:
        _log.exception("the view of a run failed")
        self._failed = True
        self._following.close()
        for following in self._followings:
            following.wake()

    def _silent(self, view: RunView) -> bool:
        """Whether there is something to send although no event came, and send it once."""
        tail = [*view.pending(), *self._state()]
        if not tail or (self._tail_seq == self._history.seq and tail == self._tail):
            return False
        self._set_tail(tail)
        return True

    def _set_tail(self, tail: list[Patch]) -> None:
        self._tail, self._tail_seq = tail, self._history.seq
        self._tail_number += 1

    def _publish(self, now: float) -> None:
        """Wake the followers, and rest in proportion to what it costs to serve them."""
        self._ready = True
        self._published_at = now
        if (state := self._state()) and self._tail_seq != self._history.seq:
            self._set_tail(state)
        due = now - self._stamped >= _STAMP_S
        self._stamp, self._stamped = (self._age(), now) if due else (None, self._stamped)
        self._frames.clear()
        spent = time.thread_time()
        for following in self._followings:
            following.wake()
        self._rests_until = now + FRAME_S
        # The loop runs this after the tasks that were woken, which have sent by then.
        self._loop.call_soon(self._rest, now, spent)

    def _rest(self, published_at: float, before: float) -> None:
        spent = time.thread_time() - before
        self._rests_until = published_at + min(MAX_FRAME_S, max(FRAME_S, _REST_PER_COST * spent))


@dataclass(slots=True, kw_only=True, eq=False)
class Subscriber:
    """One reader of any number of runs, of which only its positions are kept: a frame is made when it is asked for."""

    _fanout: "Fanout"
    _followings: dict[str, Following] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def runs(self) -> frozenset[str]:
        """The ids of the runs that it follows."""
        return frozenset(self._followings)

    def follow(self, run_id: str, *, since: int = 0, raw: int = 0, views: Iterable[str] | None = None) -> bool:
        """Follow this run from here on, or from a snapshot where the rest is not kept; whether there is such a run.

        Following a run again replaces the first time, with a snapshot where the views differ.
        """
        channel = self._fanout.channel(run_id)
        if channel is None:
            return False
        asked = DEFAULT_VIEWS if views is None else frozenset(views)
        before = self._followings.get(run_id)
        fresh = since == 0 or (before is not None and before.views != asked)
        self.leave(run_id)
        following = Following(
            channel=channel,
            views=asked,
            wake=self._news.set,
            seq=None if fresh else since,
            raw_seq=0 if fresh else raw,
        )
        self._followings[run_id] = following
        channel.join(following)
        return True

    def leave(self, run_id: str) -> None:
        """Follow this run no longer."""
        if (following := self._followings.pop(run_id, None)) is not None:
            following.channel.leave(following)

    def close(self) -> None:
        """Follow nothing any longer."""
        for run_id in list(self._followings):
            self.leave(run_id)

    async def frames(self) -> AsyncIterator[str]:
        """Frames as JSON, each made when it is asked for; the runs take turns."""
        while True:
            self._news.clear()
            sent = False
            for following in list(self._followings.values()):
                if (frame := following.next_frame()) is not None:
                    sent = True
                    yield frame
            if not sent:
                await self._news.wait()


class Fanout:
    """The channels of all runs that are followed, or were lately; for one event loop.

    `find` gives the run of an id, `about` the fields of a run's view that stand in no event, `edges` those of its
    graph; `edges` is called in a thread.
    """

    def __init__(
        self, find: Callable[[str], Run | None], *, about: About = lambda _run: {}, edges: Edges = lambda _run: ()
    ) -> None:
        self._find = find
        self._about = about
        self._edges = edges
        self._channels: OrderedDict[str, Channel] = OrderedDict()

    def subscriber(self) -> Subscriber:
        """A new reader, which is to be closed."""
        return Subscriber(_fanout=self)

    def channel(self, run_id: str) -> Channel | None:
        """The channel of this run; `None` where there is no such run, or no longer."""
        run = self._find(run_id)
        if run is None:
            self._channels.pop(run_id, None)
            return None
        if run_id not in self._channels:
            self._channels[run_id] = Channel(run, about=self._about, edges=self._edges)
        self._channels.move_to_end(run_id)
        self._forget_unfollowed()
        return self._channels[run_id]

    def _forget_unfollowed(self) -> None:
        """A channel that is gone is made again from the run's log, with the same patches."""
        unfollowed = [run_id for run_id, channel in self._channels.items() if not channel.followed]
        for run_id in unfollowed[: max(0, len(unfollowed) - _MAX_UNFOLLOWED)]:
            del self._channels[run_id]
