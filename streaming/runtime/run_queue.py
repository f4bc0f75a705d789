"""Places for runs: so many at once on the server and for each session; the rest wait in order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streaming.core.queue_stats import QueueStats

MAX_CONCURRENT = 24
MAX_CONCURRENT_PER_SESSION = 6


@dataclass(slots=True, eq=False)
class _Waiter:
    owner: str
    tell: Callable[[int], None]
    admitted: asyncio.Event = field(default_factory=asyncio.Event)
    told: int | None = None


class FairQueue:
    """A queue in the order of arrival, in which a session with too many runs lets others pass.

    Used on one event loop only.
    """

    def __init__(
        self, *, max_concurrent: int = MAX_CONCURRENT, max_per_session: int = MAX_CONCURRENT_PER_SESSION
    ) -> None:
        if max_concurrent < 1 or max_per_session < 1:
            raise ValueError("there must be at least one place")
        self._max_concurrent = max_concurrent
        self._max_per_session = max_per_session
        self._running: Counter[str] = Counter()
        self._queue: list[_Waiter] = []

    @property
    def stats(self) -> QueueStats:
        """How busy the places are."""
        return QueueStats(running=self._running.total(), waiting=len(self._queue))

    @asynccontextmanager
    async def slot(self, owner: str, *, tell: Callable[[int], None]) -> AsyncIterator[None]:
        """Wait for a place and keep it; `tell` hears how many runs are before this one, whenever that changes."""
        waiting = _Waiter(owner, tell)
        self._queue.append(waiting)
        try:
            self._admit()
            await waiting.admitted.wait()
            yield
        finally:
            if waiting.admitted.is_set():
                self._running[owner] -= 1
                # A session that has gone leaves nothing behind.
                self._running += Counter()
            else:
                self._queue.remove(waiting)
            self._admit()

    def _admit(self) -> None:
        """Let in whoever may run now, first come first served, and tell the rest where they stand."""
        for waiting in list(self._queue):
            if self._running.total() >= self._max_concurrent:
                break
            if self._running[waiting.owner] < self._max_per_session:
                self._running[waiting.owner] += 1
                self._queue.remove(waiting)
                waiting.admitted.set()
        for place, waiting in enumerate(self._queue):
            if waiting.told != place:
                waiting.told = place
                waiting.tell(place)
