"""The patches of one run for any number of followers: one view, and each frame encoded once."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import chain, count
from typing import Any

from streaming.core.graph_description import Edge
from streaming.core.run import Run
from streaming.core.serialization import to_json
from streaming.live import patches
from streaming.live.history import PatchHistory
from streaming.live.patches import Patch, operations
from streaming.live.raw_rows import RawRows
from streaming.live.snapshots import LARGE, snapshot_frames
from streaming.live.view import PACE_S, RunView

FRAME_S = 0.008
"""Shortest time between two frames of a run; the first frame after a silence is sent immediately."""
MAX_FRAME_S = 0.1
"""Longest time between two frames while events arrive."""
_REST_PER_COST = 16
"""A run pauses for 16 ms per millisecond of sending, so that many followers get fewer and larger frames."""
_CATCH_UP_S = 0.25
_STAMP_S = 1.0
_BATCH = 100
_RAW_ROWS = 500
_WOKEN_AT_ONCE = 20
"""Followers that get a frame in one turn of the loop: each takes a fifth of a millisecond."""
_FAILED = -1
_numbers = count(1)

_log = logging.getLogger(__name__)

About = Callable[[Run], Mapping[str, Any]]
Edges = Callable[[Run], Iterable[Edge]]


@dataclass(slots=True, kw_only=True, eq=False)
class Following:
    """How far one follower is in one run.

    `seq` is the number of entries that it has (`None` before its first frame), `raw_seq` that of the raw rows, `tail`
    the number of the last tail. `named` is whether it knows the run's number, which stands for the id. `rest` are the
    frames of a large snapshot that it does not have yet.
    """

    channel: "Channel"
    views: frozenset[str]
    wake: Callable[[], None]
    seq: int | None
    raw_seq: int = 0
    tail: int = 0
    named: bool = False
    rest: deque[str] = field(default_factory=deque)

    def next_frame(self) -> str | None:
        """The next frame for this follower, in order; `None` if it is up to date."""
        return self.channel.next_frame(self)


class Channel:
    """Sends one run to its followers; while there are any, the run counts as followed."""

    def __init__(self, run: Run, *, about: About, edges: Edges) -> None:
        self._run = run
        self._number = next(_numbers)
        self._about = about
        self._edges = edges
        self._view: RunView | None = None
        self._history = PatchHistory([])
        self._raw_rows = RawRows()
        self._followings: set[Following] = set()
        self._following = ExitStack()
        self._opening: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._called = False
        self._rests_until = self._published_at = 0.0
        self._frames: dict[Any, str] = {}
        self._snapshots: dict[Any, list[str]] = {}
        self._encoding: asyncio.Task[None] | None = None
        self._waiting: dict[Any, list[Following]] = {}
        self._tail: list[Patch] = []
        self._tail_seq = -1
        self._tail_number = 0
        self._stamped = -_STAMP_S
        self._stamp: float | None = None
        self._over = False
        self._ready = False
        self._failed = False
        self._publishing = self._came_early = False

    @property
    def followed(self) -> bool:
        """Whether it has followers."""
        return bool(self._followings)

    def join(self, following: Following) -> None:
        """Add a follower."""
        self._followings.add(following)
        if len(self._followings) == 1 and self._opening is None and not self._over and not self._failed:
            self._opening = asyncio.create_task(self._open(), name=f"view of run {self._run.id[:6]}")
        following.wake()

    def leave(self, following: Following) -> None:
        """Remove a follower; without any, the run no longer counts as followed."""
        self._followings.discard(following)
        if not self._followings:
            if self._opening is not None:
                self._opening.cancel()
                self._opening = None
            if self._encoding is not None:
                self._encoding.cancel()
                self._encoding = None
            self._waiting.clear()
            self._following.close()
            self._stop_timer()
            self._called = False

    def next_frame(self, following: Following) -> str | None:
        """The next frame for this follower as JSON; `None` if it is up to date."""
        if self._failed and following.seq != _FAILED:
            following.seq = _FAILED
            return to_json(
                {
                    "run": self._run.id,
                    "gone": "The server could not compute the view of this run. Reload the page to try again.",
                }
            ).decode()
        if not self._ready or self._failed:
            return None
        if following.rest:
            return following.rest.popleft()
        seq = self._history.seq
        tail = self._tail_number if self._tail_seq == seq else 0
        raw_behind = "raw" in following.views and following.raw_seq < self._run.length
        if raw_behind and self._over and following.seq is not None and self._history.has_since(following.seq):
            # Before the last patches: a follower may leave after the end of the run.
            return self._raw_frame(following)
        if following.seq != seq or following.tail < tail:
            if self._history.size > LARGE and (following.seq is None or not self._history.has_since(following.seq)):
                return self._large_snapshot(following)
            frame = self._patch_frame(following, tail > following.tail)
            following.seq, following.tail = seq, max(following.tail, tail)
            return frame
        if raw_behind:
            return self._raw_frame(following)
        return None

    def _patch_frame(self, following: Following, with_tail: bool) -> str:
        """The frame from this follower's position to the present, shared by all followers at that position."""
        since = following.seq
        if since is not None and not self._history.has_since(since):
            since, following.raw_seq = None, 0
        seq = self._history.seq
        # Who has the rows up to its position gets the next ones in the same frame.
        raw = since is not None and "raw" in following.views and following.raw_seq == since and seq - since <= _RAW_ROWS
        head = self._head(following, since, seq)
        key = (seq, since, following.views, with_tail, raw, "as" in head)
        if key not in self._frames:
            self._frames[key] = self._encode(head, since, following.views, with_tail, raw)
        if raw:
            following.raw_seq = seq
        return self._aged(self._frames[key]) if since is None else self._frames[key]

    def _large_snapshot(self, following: Following) -> str | None:
        """The first frame of a large snapshot; `None` until a thread has encoded it, which wakes the follower."""
        key = (self._history.seq, following.views, following.named)
        if key not in self._snapshots:
            if following not in (waiting := self._waiting.setdefault(key, [])):
                waiting.append(following)
            if self._encoding is None:
                self._encoding = asyncio.create_task(self._encode_waiting(), name=f"snapshot of {self._run.id[:6]}")
            return None
        *first, last = self._snapshots[key]
        following.rest.extend([*first, self._aged(last)])
        following.named = True
        following.seq, following.raw_seq = self._history.seq, 0
        following.tail = self._tail_number if self._tail_seq == following.seq else following.tail
        return following.rest.popleft()

    async def _encode_waiting(self) -> None:
        """Encode the large snapshots that followers wait for; until then no entry changes the view."""
        try:
            while self._waiting:
                key, followings = next(iter(self._waiting.items()))
                _, views, named = key
                head = {"run": self._number} if named else {"run": self._run.id, "as": self._number}
                pending = [*(self._view.pending() if self._view else []), *self._state()]
                self._snapshots[key] = await asyncio.to_thread(self._frames_of, head, views, pending)
                del self._waiting[key]
                for following in followings:
                    # At once: the next entry would make this snapshot an old one.
                    if following in self._followings and (frame := self._large_snapshot(following)) is not None:
                        following.rest.appendleft(frame)
                        following.wake()
        except Exception:  # noqa: BLE001 - a view that fails must not stop the text
            self._fail()
        self._encoding = None
        self._schedule()

    def _frames_of(self, head: Mapping[str, Any], views: frozenset[str], pending: list[Patch]) -> list[str]:
        wanted = operations(views)
        shown = (patch for patch in chain(self._history.snapshot(), pending) if patch[0] in wanted)
        return snapshot_frames(head, shown, seq=self._history.seq)

    def _head(self, following: Following, since: int | None, seq: int | None) -> dict[str, Any]:
        """The run, by its id once and by its number from then on, and what the frame continues; bytes of every word."""
        run = {"run": self._number} if following.named else {"run": self._run.id, "as": self._number}
        following.named = True
        if since is None:
            return {**run, "snapshot": True}
        return run if since + 1 == seq else {**run, "from": since}

    def _encode(
        self, head: dict[str, Any], since: int | None, views: frozenset[str], with_tail: bool, raw: bool
    ) -> str:
        wanted = operations(views)
        if since is None:
            # The pending patches will be sent again, which does no harm because they set values.
            frame_patches = [*self._history.snapshot(), *(self._view.pending() if self._view else []), *self._state()]
        else:
            frame_patches = [*self._history.since(since), *(self._tail if with_tail else [])]
        timed = {} if since is None or self._stamp is None else {"t": round(self._stamp, 3)}
        shown = [patch for patch in frame_patches if patch[0] in wanted]
        if raw and since is not None and (rows := self._rows(since, self._history.seq)):
            # Before the last patches: a follower may leave after the end of the run.
            shown.insert(0, patches.raw(rows))
        frame = {**head, "seq": self._history.seq, "p": shown, **timed}
        return to_json(frame).decode()

    def _raw_frame(self, following: Following) -> str:
        first = following.raw_seq
        following.raw_seq = end = min(first + _RAW_ROWS, self._run.length)
        seq = following.seq
        head = self._head(following, seq, seq)
        key = ("raw", first, end, seq, "as" in head)
        if key not in self._frames:
            rows = self._rows(first, end)
            self._frames[key] = to_json({**head, "seq": seq, "p": [patches.raw(rows)] if rows else []}).decode()
        return self._frames[key]

    def _rows(self, first: int, end: int) -> list[list[Any]]:
        """The raw rows of the entries from `first` up to and without `end`."""
        if (read := self._raw_rows.seq) < first:
            self._raw_rows.read(self._run.since(read, most=first - read))
        entries = self._run.since(first, most=end - first)
        return [row for entry in entries if (row := self._raw_rows.row(entry)) is not None]

    def _aged(self, snapshot: str) -> str:
        """This snapshot with the run's age now: of a run without news, it may have been encoded long ago."""
        age = self._age()
        return snapshot if age is None else f'{snapshot[:-1]},"t":{round(age, 3)}}}'

    def _age(self) -> float | None:
        return self._run.age_s if self._run.has_begun and not self._over else None

    def _state(self) -> list[Patch]:
        """Patches of what no log entry contains."""
        return [patches.run({"draining": True})] if self._run.draining else []

    async def _open(self) -> None:
        """Build the view, and start to read the log."""
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
        self._schedule()

    def wake(self) -> None:
        """The run has a new event; called from the thread that appends."""
        if not self._called or self._run.ended is not None:
            self._called = True
            # If the loop has closed, its followers are gone.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        """Read new events now, or after the pause that follows a frame; until then only the end wakes the loop."""
        self._advance_at(0.0 if self._run.ended is not None else self._rests_until)

    def _advance_at(self, when: float) -> None:
        """Read new events at this time of the loop, or earlier if that is scheduled already."""
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
        # Before the log is read: an event that is appended from now on wakes the loop.
        self._called = False
        if not self._followings or self._view is None or self._encoding is not None:
            return
        if self._publishing:
            # Who has not been woken yet would get the frames of now only then.
            self._came_early = True
            return
        try:
            self._take(self._view)
        except Exception:  # noqa: BLE001 - a view that fails must not stop the text
            self._fail()

    def _take(self, view: RunView) -> None:
        now = self._loop.time()
        batch = self._run.since(view.seq, most=_BATCH)
        for entry in batch:
            self._history.add(view.apply(entry))
        behind = view.seq < self._run.length
        if behind and now - self._published_at < _CATCH_UP_S:
            # Other tasks of the loop get a turn between two batches.
            self._timer = self._loop.call_later(0, self._advance)
            return
        if self._run.ended is not None and not behind:
            self._close()
        if batch or self._over or not self._ready or self._has_new_tail(view):
            self._publish(now)
        if not self._over:
            # A new event schedules an earlier time; this one is for pending patches of a silent run.
            self._advance_at(now + (0.001 if behind else PACE_S))

    def _close(self) -> None:
        """Stop reading the log: the run has ended."""
        self._over, self._view = True, None
        self._following.close()

    def _fail(self) -> None:
        _log.exception("the view of a run failed")
        self._failed = True
        self._following.close()
        for following in self._followings:
            following.wake()

    def _has_new_tail(self, view: RunView) -> bool:
        """Whether there are patches to send although no event came; they become the tail."""
        tail = [*view.pending(), *self._state()]
        if not tail or (self._tail_seq == self._history.seq and tail == self._tail):
            return False
        self._set_tail(tail)
        return True

    def _set_tail(self, tail: list[Patch]) -> None:
        self._tail, self._tail_seq = tail, self._history.seq
        self._tail_number += 1

    def _publish(self, now: float) -> None:
        """Wake the followers, and schedule a pause in proportion to the cost of serving them."""
        self._ready = True
        self._published_at = now
        if (state := self._state()) and self._tail_seq != self._history.seq:
            self._set_tail(state)
        self._stamp = self._age() if now - self._stamped >= _STAMP_S else None
        self._stamped = self._stamped if self._stamp is None else now
        self._frames.clear()
        self._snapshots.clear()
        self._rests_until = now + FRAME_S
        self._publishing = True
        self._wake_next([*self._followings], now, time.thread_time())

    def _wake_next(self, sleeping: list[Following], published_at: float, cpu_start: float) -> None:
        """Wake so many that other tasks of the loop wait for a moment only; the loop comes back when they have sent."""
        for following in sleeping[:_WOKEN_AT_ONCE]:
            following.wake()
        if rest := sleeping[_WOKEN_AT_ONCE:]:
            self._loop.call_soon(self._wake_next, rest, published_at, cpu_start)
        else:
            self._loop.call_soon(self._rest, published_at, cpu_start)

    def _rest(self, published_at: float, cpu_start: float) -> None:
        spent = time.thread_time() - cpu_start
        self._rests_until = published_at + min(MAX_FRAME_S, max(FRAME_S, _REST_PER_COST * spent))
        self._publishing = False
        if self._came_early:
            self._came_early = False
            self._schedule()
