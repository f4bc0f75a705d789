"""A fair concurrency limit; runs beyond it wait in the order of their arrival."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streaming.core.queue_stats import QueueStats
from streaming.runtime.loop_lag import LoopLag

MAX_CONCURRENT = 24
"""Runs at the same time: on two cores, more of them would slow each other measurably."""

ALWAYS_ADMITTED = 4
"""Runs that the server's load does not hold back, so that one session can always use what it may have."""
PAUSE_S = 0.1
"""Shortest time between two admissions beyond these: the load of a run shows only after it has started."""
LONGEST_LAG_S = 0.05
"""While the event loop is later than this, further runs wait."""
HIGHEST_LOAD = 0.4
"""While the event loop computes for more of the time than this, further runs wait: one more may need another 0.2."""

MAX_CONCURRENT_PER_SESSION = 6
"""Enough for a race of four lanes and a page in another tab; four sessions cannot fill the server."""


@dataclass(slots=True, eq=False)
class _Waiter:
    """A run that waits for a slot; `reported` is the number of runs ahead that was reported last."""

    owner: str | None
    on_position: Callable[[int], None]
    admitted: asyncio.Event = field(default_factory=asyncio.Event)
    reported: int | None = None


class FairQueue:
    """Concurrency slots in the order of arrival, except that runs of a session at its own limit are passed over.

    Beyond `ALWAYS_ADMITTED` runs, a slot is given only while the event loop is in time and has time, and one after the
    other: what a server can carry depends on the speed of its runs, which nobody knows before.
    A run without an owner belongs to no session, so only the limit of the server counts for it. Used on one event
    loop only.
    """

    def __init__(
        self, *, max_concurrent: int = MAX_CONCURRENT, max_per_session: int = MAX_CONCURRENT_PER_SESSION
    ) -> None:
        if max_concurrent < 1 or max_per_session < 1:
            raise ValueError("the limits of concurrent runs must be at least 1")
        self._max_concurrent = max_concurrent
        self._max_per_session = max_per_session
        self._running: Counter[str | None] = Counter()
        self._queue: list[_Waiter] = []
        self._lag = LoopLag(lambda: self._running.total() > 0)
        self._next_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def stats(self) -> QueueStats:
        """The runs that have a slot and those that wait for one."""
        return QueueStats(running=self._running.total(), waiting=len(self._queue))

    @asynccontextmanager
    async def slot(self, owner: str | None, *, on_position: Callable[[int], None]) -> AsyncIterator[None]:
        """Wait for a slot and hold it; `on_position` gets the number of runs ahead whenever it changes."""
        waiter = _Waiter(owner, on_position)
        self._queue.append(waiter)
        try:
            self._admit()
            await waiter.admitted.wait()
            yield
        finally:
            if waiter.admitted.is_set():
                self._running[owner] -= 1
                # Removes the owners without runs.
                self._running += Counter()
            else:
                self._queue.remove(waiter)
            self._admit()

    def _admit(self) -> None:
        """Give free slots to the waiters that may have them, and report changed positions to the rest."""
        for waiter in list(self._queue):
            if self._running.total() >= self._max_concurrent or not self._has_room():
                break
            if waiter.owner is None or self._running[waiter.owner] < self._max_per_session:
                self._running[waiter.owner] += 1
                self._queue.remove(waiter)
                waiter.admitted.set()
                self._next_at = asyncio.get_running_loop().time() + PAUSE_S
                self._lag.watch()
        for position, waiter in enumerate(self._queue):
            if waiter.reported != position:
                waiter.reported = position
                waiter.on_position(position)

    def _has_room(self) -> bool:
        """Whether the load allows one more run; if not, it is looked at again a little later."""
        loop = asyncio.get_running_loop()
        if self._running.total() < ALWAYS_ADMITTED:
            return True
        in_time = self._lag.worst_s < LONGEST_LAG_S and self._lag.load < HIGHEST_LOAD
        if loop.time() >= self._next_at and in_time:
            return True
        if self._timer is None:
            self._timer = loop.call_later(PAUSE_S, self._look_again)
        return False

    def _look_again(self) -> None:
        self._timer = None
        self._admit()
