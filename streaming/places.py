"""Places for runs: so many at once on the server and for each session; the rest wait in order."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

AT_ONCE = 24
AT_ONCE_A_SESSION = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How busy the server is: runs at work, and runs that wait for a place."""

    running: int
    waiting: int


@dataclass(slots=True, eq=False)
class _Waiting:
    owner: str
    tell: Callable[[int], None]
    admitted: asyncio.Event = field(default_factory=asyncio.Event)
    told: int | None = None


class Places:
    """A queue in the order of arrival, in which a session with too many runs lets others pass.

    Used on one event loop only.
    """

    def __init__(self, *, at_once: int = AT_ONCE, at_once_a_session: int = AT_ONCE_A_SESSION) -> None:
        if at_once < 1 or at_once_a_session < 1:
            raise ValueError("there must be at least one place")
        self._at_once = at_once
        self._a_session = at_once_a_session
        self._running: Counter[str] = Counter()
        self._queue: list[_Waiting] = []

    @property
    def load(self) -> Load:
        """How busy the places are."""
        return Load(running=self._running.total(), waiting=len(self._queue))

    @asynccontextmanager
    async def place(self, owner: str, *, tell: Callable[[int], None]) -> AsyncIterator[None]:
        """Wait for a place and keep it; `tell` hears how many runs are before this one, whenever that changes."""
        waiting = _Waiting(owner, tell)
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
            if self._running.total() >= self._at_once:
                break
            if self._running[waiting.owner] < self._a_session:
                self._running[waiting.owner] += 1
                self._queue.remove(waiting)
                waiting.admitted.set()
        for place, waiting in enumerate(self._queue):
            if waiting.told != place:
                waiting.told = place
                waiting.tell(place)
