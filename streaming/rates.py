"""So many requests a minute: whoever has had his waits, in the order of arrival."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WINDOW_S = 60


class Rates:
    """A moving window for each key; used on one event loop only."""

    def __init__(self, *, window_s: int = WINDOW_S) -> None:
        self._window_s = window_s
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._turns: defaultdict[tuple[str, ...], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def wait(self, *key: str, most: int, tell: Callable[[float], None]) -> None:
        """Wait until this key may send one more of its `most` a window; `tell` hears how many seconds that takes."""
        limit = RateLimitItemPerSecond(most, self._window_s)
        turn = self._turns[key]
        if turn.locked():
            tell(self._left(limit, key))
        async with turn:
            while not self._limiter.hit(limit, *key):
                left = self._left(limit, key)
                tell(left)
                await asyncio.sleep(left)
        if not turn.locked():
            self._turns.pop(key, None)

    def _left(self, limit: RateLimitItemPerSecond, key: tuple[str, ...]) -> float:
        return max(0.05, self._limiter.get_window_stats(limit, *key).reset_time - time.time())
