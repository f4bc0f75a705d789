"""How late an event loop is: more runs would make those that it has, the health check and Stop wait."""

import asyncio
from collections import deque
from collections.abc import Callable

PROBE_S = 0.05
_PROBES = 20


class LoopLag:
    """The longest delay of the loop in the last second, while `needed` is true; used on that loop only."""

    def __init__(self, needed: Callable[[], bool]) -> None:
        self._needed = needed
        self._lags: deque[float] = deque(maxlen=_PROBES)
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
        while self._needed():
            before = loop.time()
            await asyncio.sleep(PROBE_S)
            self._lags.append(loop.time() - before - PROBE_S)
