"""Sends the patches of any number of runs to any number of followers."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from streaming.core.run import Run
from streaming.live.channel import About, Channel, Edges, Following
from streaming.live.patches import DEFAULT_VIEWS

_MAX_UNFOLLOWED = 64


@dataclass(slots=True, kw_only=True, eq=False)
class Subscriber:
    """One follower of any number of runs; it stores only its positions, and a frame is built when it is requested."""

    _fanout: "Fanout"
    _followings: dict[str, Following] = field(default_factory=dict)
    _awaited: dict[str, frozenset[str] | None] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def runs(self) -> frozenset[str]:
        """The ids of the runs that it follows, and of those that it awaits."""
        return frozenset(self._followings) | frozenset(self._awaited)

    def follow(self, run_id: str, *, since: int = 0, raw: int = 0, views: Iterable[str] | None = None) -> bool:
        """Follow a run from entry `since` on, or from a snapshot; returns whether there is such a run.

        `raw` is the first raw row to send. Following a run again replaces the first time; if the views differ, it
        starts with a snapshot.
        """
        channel = self._fanout.channel(run_id)
        if channel is None:
            return False
        wanted = DEFAULT_VIEWS if views is None else frozenset(views)
        before = self._followings.get(run_id)
        fresh = since == 0 or (before is not None and before.views != wanted)
        self.leave(run_id)
        following = Following(
            channel=channel,
            views=wanted,
            wake=self._news.set,
            seq=None if fresh else since,
            raw_seq=0 if fresh else raw,
        )
        self._followings[run_id] = following
        channel.join(following)
        return True

    def follow_ahead(self, run_id: str, *, views: Iterable[str] | None = None) -> None:
        """Follow a run as soon as there is one with this id."""
        self.leave(run_id)
        self._awaited[run_id] = None if views is None else frozenset(views)
        self._fanout.await_run(run_id, self)
        # It may have been there before, and is told of only once.
        self.follow_awaited(run_id)

    def follow_awaited(self, run_id: str) -> None:
        """Follow the run that was awaited, if it is there."""
        if run_id in self._awaited:
            self.follow(run_id, views=self._awaited[run_id])

    def leave(self, run_id: str) -> None:
        """Stop following this run, or awaiting it."""
        if run_id in self._awaited:
            del self._awaited[run_id]
            self._fanout.forget_awaited(run_id, self)
        if (following := self._followings.pop(run_id, None)) is not None:
            following.channel.leave(following)

    def close(self) -> None:
        """Stop following all runs."""
        for run_id in self.runs:
            self.leave(run_id)

    async def frames(self) -> AsyncIterator[str]:
        """Frames as JSON, each built when it is requested; the runs take turns."""
        sent = False
        while True:
            self._news.clear()
            sent_before, sent = sent, False
            for following in list(self._followings.values()):
                if (frame := following.next_frame()) is not None:
                    sent = True
                    yield frame
            if not sent:
                await self._news.wait()
            elif sent_before:
                # A client whose buffer takes all would get a whole log of raw rows in one go.
                await asyncio.sleep(0)


class Fanout:
    """The channels of all runs that are followed, or were recently; used on one event loop only.

    `find` returns the run of an id, `about` the fields of a run's view that are in no event, `edges` those of its
    graph; `edges` is called in a thread. `on_added` takes a function that is then called with the id of each new run.
    """

    def __init__(
        self,
        find: Callable[[str], Run | None],
        *,
        about: About = lambda _run: {},
        edges: Edges = lambda _run: (),
        on_added: Callable[[Callable[[str], None]], object] = lambda _tell: None,
    ) -> None:
        self._find = find
        self._about = about
        self._edges = edges
        self._on_added = on_added
        self._hears = False
        self._channels: OrderedDict[str, Channel] = OrderedDict()
        self._awaiting: defaultdict[str, set[Subscriber]] = defaultdict(set)

    def subscriber(self) -> Subscriber:
        """A new subscriber; the caller closes it."""
        return Subscriber(_fanout=self)

    def await_run(self, run_id: str, subscriber: Subscriber) -> None:
        """Let the subscriber know as soon as there is this run."""
        if not self._hears:
            self._hear_of_runs()
        self._awaiting[run_id].add(subscriber)

    def forget_awaited(self, run_id: str, subscriber: Subscriber) -> None:
        """The subscriber no longer waits for this run."""
        self._awaiting[run_id].discard(subscriber)
        if not self._awaiting[run_id]:
            del self._awaiting[run_id]

    def _hear_of_runs(self) -> None:
        """Be told of new runs from now on, by the threads that add them."""
        loop = asyncio.get_running_loop()

        def tell(run_id: str) -> None:
            if run_id in self._awaiting:
                with suppress(RuntimeError):  # the server ends
                    loop.call_soon_threadsafe(self._follow_awaited, run_id)

        self._hears = True
        self._on_added(tell)

    def _follow_awaited(self, run_id: str) -> None:
        for subscriber in list(self._awaiting.get(run_id, ())):
            subscriber.follow_awaited(run_id)

    def channel(self, run_id: str) -> Channel | None:
        """The channel of this run; `None` if there is no such run, or it was evicted."""
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
        """Drop the oldest channels without followers; the log of a run gives the same patches again."""
        unfollowed = [run_id for run_id, channel in self._channels.items() if not channel.followed]
        for run_id in unfollowed[: max(0, len(unfollowed) - _MAX_UNFOLLOWED)]:
            del self._channels[run_id]
