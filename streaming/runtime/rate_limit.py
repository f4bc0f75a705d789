"""A rate limit for each key; callers over the limit wait in the order of their arrival."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WINDOW_S = 60

_MIN_WAIT_S = 0.05

Clock = Callable[[], float]


class MovingWindow:
    """Counts hits in a moving window for each key, in memory; a key without hits for one window is forgotten.

    The library `limits` uses the wall clock and never forgets a key. Here a monotonic clock decides when to forget, so
    a wall clock that is set back cannot block a key for longer than one window.
    """

    def __init__(self, *, window_s: int = WINDOW_S, clock: Clock = time.monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._last_hits: OrderedDict[tuple[int, tuple[str, ...]], float] = OrderedDict()

    def __len__(self) -> int:
        """The number of keys with hits in the last window."""
        return len(self._last_hits)

    def hit(self, *key: str, limit: int) -> bool:
        """Count a hit unless the key has had `limit` of them in the window; returns whether it was counted."""
        self._forget_expired()
        counted = self._limiter.hit(self._item(limit), *key)
        if counted:
            self._last_hits[limit, key] = self._clock()
            self._last_hits.move_to_end((limit, key))
        return counted

    def wait_s(self, *key: str, limit: int) -> float:
        """Seconds until the key can have its next hit."""
        left = self._limiter.get_window_stats(self._item(limit), *key).reset_time - time.time()
        return min(float(self._window_s), max(_MIN_WAIT_S, left))

    def _item(self, limit: int) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(limit, self._window_s)

    def _forget_expired(self) -> None:
        expired = self._clock() - self._window_s
        while self._last_hits and next(iter(self._last_hits.values())) < expired:
            (limit, key), _ = self._last_hits.popitem(last=False)
            self._limiter.clear(self._item(limit), *key)


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
