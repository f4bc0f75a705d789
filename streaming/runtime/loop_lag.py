"""How late an event loop is, and turns of the interpreter for other threads while it is late."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

PROBE_S = 0.004
_BUCKET_S = 0.05
_BUCKETS = 20
_LATE_S = 0.002
"""A loop that is later than this has more work than time."""
_LONGEST_REST_S = 0.002


class LoopLag:
    """The longest delay of the loop in the last second, while `needed` is true; used on that loop only.

    A loop that is late never waits, so it keeps the interpreter, and each system call of another thread, as in Stop or
    the health check, takes a turn of waiting. Therefore it rests while it is late, for at most a third of the time.
    """

    def __init__(self, needed: Callable[[], bool]) -> None:
        self._needed = needed
        self._lags: deque[float] = deque(maxlen=_BUCKETS)
        self._task: asyncio.Task[None] | None = None

    @property
    def worst_s(self) -> float:
        """In seconds; 0 while nothing is known."""
        return max(self._lags, default=0.0)

    def watch(self) -> None:
        """Begin to measure, unless it does already; it ends by itself."""
        if self._task is None or self._task.done():
            self._lags.clear()
            self._task = asyncio.create_task(self._measure(), name="loop lag")

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        bucket_ends = 0.0
        while self._needed():
            before = loop.time()
            await asyncio.sleep(PROBE_S)
            now = loop.time()
            lag = now - before - PROBE_S
            if now >= bucket_ends:
                self._lags.append(lag)
                bucket_ends = now + _BUCKET_S
            else:
                self._lags[-1] = max(self._lags[-1], lag)
            if lag > _LATE_S:
                # Not a wait of the loop: what is ready would go on in its place.
                time.sleep(min(lag / 2, _LONGEST_REST_S))  # noqa: ASYNC251
