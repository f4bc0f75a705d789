"""When Python looks for garbage in cycles: a full search holds up every thread of the server."""

import gc
import threading
import time
from collections.abc import Callable

YOUNG_OBJECTS = 10_000
"""New objects after which the young ones are searched: some 2 ms. Python's own 700 make it search all the time."""
YOUNG_SEARCHES = 5
"""Searches of the youngest after which those that were left are searched: some 20 ms."""
_NEVER = 2**31 - 1

REST_S = 60.0
LONGEST_S = 300.0
CHECK_S = 5.0


class GarbageCollection:
    """Full searches while the server is not `busy`, once a minute at most, and on a busy one every five minutes.

    With the logs of some fast runs in memory a full search takes 0.3 s and more. Python would begin one whenever the
    number of objects has grown by a quarter, which is when the server is busiest. Reference counts free nearly all
    garbage at once; what waits for a full search are cycles that have lived for a while, such as a closed session.
    """

    def __init__(self, *, busy: Callable[[], bool], clock: Callable[[], float] = time.monotonic) -> None:
        self._busy = busy
        self._clock = clock
        self._last = clock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._repeat, name="garbage", daemon=True)

    def start(self) -> None:
        """Take the searches over; what is loaded by now stays, and is never searched."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, YOUNG_SEARCHES, _NEVER)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()

    def due(self) -> bool:
        """Whether it is time for a full search: something has become old since the last, and nobody would notice."""
        since_s = self._clock() - self._last
        if not any(gc.get_count()[1:]):
            return False
        return since_s >= (LONGEST_S if self._busy() else REST_S)

    def search(self) -> None:
        """Search everything that was made since the start."""
        gc.collect()
        self._last = self._clock()

    def _repeat(self) -> None:
        while not self._closing.wait(CHECK_S):
            if self.due():
                self.search()
