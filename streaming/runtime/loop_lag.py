"""How busy an event loop is, and turns of the interpreter for other threads while it is late."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

PROBE_S = 0.004
IN_TIME_PROBE_S = 0.025
"""While the loop is in time it is asked less often: each time wakes the process, which costs as much as a token."""
_BUCKET_S = 0.05
_BUCKETS = 20
_LATE_S = 0.001
"""A loop that is later than this has more work than time, if it is the one that computes."""
_COMPUTES = 0.2
"""A loop that computes for less of the time is late because of others, and is not to blame."""
_LONGEST_REST_S = 0.004


class LoopLag:
    """The delay and the load of the loop in the last second, while `needed` is true; used on that loop only.

    A loop that is late never waits, so it keeps the interpreter, and each system call of another thread, as in Stop or
    the health check, takes a turn of waiting. Therefore it rests while it is late, for at most half of the time.
    """

    def __init__(self, needed: Callable[[], bool]) -> None:
        self._needed = needed
        self._lags: deque[float] = deque(maxlen=_BUCKETS)
        self._computed: deque[float] = deque(maxlen=_BUCKETS)
        self._rested: deque[float] = deque(maxlen=_BUCKETS)
        self._task: asyncio.Task[None] | None = None

    @property
    def worst_s(self) -> float:
        """The longest delay, in seconds; 0 while nothing is known."""
        return max(self._lags, default=0.0)

    @property
    def load(self) -> float:
        """The share of the time in which the loop computed, or rested because it had too much to compute.

        Other than the delay, it does not grow with what else the server and the machine do.
        """
        return (sum(self._computed) + sum(self._rested)) / max(len(self._computed), 1)

    def watch(self) -> None:
        """Begin to measure, unless it does already; it ends by itself."""
        if self._task is None or self._task.done():
            for known in (self._lags, self._computed, self._rested):
                known.clear()
            self._task = asyncio.create_task(self._measure(), name="loop lag")

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        began, used, rested_s, lags = loop.time(), time.thread_time(), 0.0, [0.0]
        probe_s = PROBE_S
        while self._needed():
            asked = loop.time()
            await asyncio.sleep(probe_s)
            lag = loop.time() - asked - probe_s
            lags.append(lag)
            late = lag > _LATE_S
            probe_s = PROBE_S if late else IN_TIME_PROBE_S
            if late and self._computed and self._computed[-1] > _COMPUTES:
                rest_s = min(lag / 2, _LONGEST_REST_S)
                # Not a wait of the loop: what is ready would go on in its place.
                time.sleep(rest_s)  # noqa: ASYNC251
                rested_s += rest_s
            if (passed_s := loop.time() - began) >= _BUCKET_S:
                self._lags.append(max(lags))
                self._computed.append((time.thread_time() - used) / passed_s)
                self._rested.append(rested_s / passed_s)
                began, used, rested_s, lags = loop.time(), time.thread_time(), 0.0, [0.0]
