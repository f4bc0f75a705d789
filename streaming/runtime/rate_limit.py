"""So many requests a minute: whoever has had his waits, in the order of arrival."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WINDOW_S = 60


class ExpiringMemoryStorage(MemoryStorage):
    """Moving windows in memory that are forgotten when they are over; `limits` empties them and keeps their keys."""

    def __init__(self) -> None:
        super().__init__()
        self._look_at = 0.0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time.time()
        if now >= self._look_at:
            self._look_at = now + expiry
            self._forget(now)
        return super().acquire_entry(key, limit, expiry, amount)

    def _forget(self, now: float) -> None:
        for key, entries in list(self.events.items()):
            # The newest entry is the first one. The lock keeps out the timer that empties the windows.
            if not entries or entries[0].expiry <= now:
                with self.locks[key]:
                    self.clear(key)


@dataclass(slots=True)
class _KeyQueue:
    """Who waits for a key: a lock that is free for a moment between two of them does not tell."""

    waiting: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class RateLimiter:
    """A moving window for each key; used on one event loop only."""

    def __init__(self, *, window_s: int = WINDOW_S) -> None:
        self._window_s = window_s
        self._limiter = MovingWindowRateLimiter(ExpiringMemoryStorage())
        self._turns: dict[tuple[str, ...], _KeyQueue] = {}

    async def wait(self, *key: str, most: int, tell: Callable[[float], None]) -> None:
        """Wait until this key may send one more of its `most` a window; `tell` hears how many seconds that takes."""
        limit = RateLimitItemPerSecond(most, self._window_s)
        turn = self._turns.setdefault(key, _KeyQueue())
        turn.waiting += 1
        try:
            if turn.waiting > 1:
                tell(self._left(limit, key))
            async with turn.lock:
                while not self._limiter.hit(limit, *key):
                    left = self._left(limit, key)
                    tell(left)
                    await asyncio.sleep(left)
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[key]

    def _left(self, limit: RateLimitItemPerSecond, key: tuple[str, ...]) -> float:
        return max(0.05, self._limiter.get_window_stats(limit, *key).reset_time - time.time())
