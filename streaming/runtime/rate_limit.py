"""A rate limit for each key; callers over the limit wait in the order of their arrival."""

import asyncio
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_S = 60

_MIN_WAIT_S = 0.05

Clock = Callable[[], float]


class MovingWindow:
    """Counts hits in a moving window for each key, in memory; a key without hits for one window is forgotten.

    The clock is monotonic, so a wall clock that is set changes nothing. Can be used from several threads.
    """

    def __init__(self, *, window_s: float = WINDOW_S, clock: Clock = time.monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._lock = threading.Lock()
        self._hits: OrderedDict[tuple[int, tuple[str, ...]], deque[float]] = OrderedDict()

    def __len__(self) -> int:
        """The number of keys with hits in the last window."""
        return len(self._hits)

    def hit(self, *key: str, limit: int) -> bool:
        """Count a hit unless the key has had `limit` of them in the window; returns whether it was counted."""
        with self._lock:
            now = self._clock()
            self._forget_expired(now)
            hits = self._hits.get((limit, key))
            if hits is None:
                hits = self._hits[limit, key] = deque()
            self._drop_expired(hits, now)
            if len(hits) >= limit:
                return False
            hits.append(now)
            self._hits.move_to_end((limit, key))
            return True

    def wait_s(self, *key: str, limit: int) -> float:
        """Seconds until the key can have its next hit."""
        with self._lock:
            now = self._clock()
            hits = self._hits.get((limit, key)) or deque()
            self._drop_expired(hits, now)
            left = hits[0] + self._window_s - now if len(hits) >= limit else 0.0
        return min(float(self._window_s), max(_MIN_WAIT_S, left))

    def _drop_expired(self, hits: deque[float], now: float) -> None:
        while hits and hits[0] <= now - self._window_s:
            hits.popleft()

    def _forget_expired(self, now: float) -> None:
        """Forget the keys whose last hit left the window; the order of the keys is that of their last hits."""
        while self._hits:
            key, hits = next(iter(self._hits.items()))
            if hits and hits[-1] > now - self._window_s:
                return
            del self._hits[key]


@dataclass(slots=True)
class _KeyQueue:
    """The callers that wait for a key; they are counted because the lock is free for a moment between two of them."""

    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimiter:
    """A moving window for each key, in which callers wait; used on one event loop only."""

    def __init__(self, *, window_s: int = WINDOW_S) -> None:
        self._window = MovingWindow(window_s=window_s)
        self._queues: dict[tuple[str, ...], _KeyQueue] = {}

    async def wait(self, *key: str, limit: int, on_wait: Callable[[float], None]) -> None:
        """Wait until the key may have another hit, with at most `limit` of them per window.

        `on_wait` is called with the seconds of each wait when it begins.
        """
        queue = self._queues.setdefault(key, _KeyQueue())
        queue.waiting += 1
        try:
            if queue.waiting > 1:
                on_wait(self._window.wait_s(*key, limit=limit))
            async with queue.lock:
                while not self._window.hit(*key, limit=limit):
                    wait_s = self._window.wait_s(*key, limit=limit)
                    on_wait(wait_s)
                    await asyncio.sleep(wait_s)
        finally:
            queue.waiting -= 1
            if not queue.waiting:
                del self._queues[key]
