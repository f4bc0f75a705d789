"""A check that is repeated while its answer is wanted, so that nobody has to wait for it."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from streaming.core.run import Clock

_T = TypeVar("_T")


class HealthWatch(Generic[_T]):
    """The answer of a check that may block: at most `max_age_s` old, and the same for all who ask at one time.

    Under load a check takes long, because its thread waits for the interpreter again and again. Therefore a thread
    repeats it in time, until nobody has asked for `wanted_s`.
    """

    def __init__(self, check: Callable[[], _T], *, clock: Clock, max_age_s: float, wanted_s: float = 60.0) -> None:
        self._check = check
        self._clock = clock
        self._max_age_s = max_age_s
        self._wanted_s = wanted_s
        self._lock = threading.Lock()
        self._checking = threading.Lock()
        self._answer: tuple[float, _T] | None = None
        self._asked_at = clock()
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def latest(self) -> _T | None:
        """The answer if there is one that is young enough; does not block."""
        with self._lock:
            self._asked_at = self._clock()
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._repeat, name="health", daemon=True)
                self._thread.start()
        return self._young(self._max_age_s)

    def answer(self) -> _T:
        """The answer; blocks for as long as a check takes if there is none that is young enough."""
        with self._checking:
            if (young := self._young(self._max_age_s)) is not None:
                return young
            return self._renew()

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=self._max_age_s)

    def _young(self, age_s: float) -> _T | None:
        if self._answer is None or self._clock() - self._answer[0] >= age_s:
            return None
        return self._answer[1]

    def _renew(self) -> _T:
        checked = self._check()
        self._answer = self._clock(), checked
        return checked

    def _repeat(self) -> None:
        while not self._closing.wait(self._max_age_s / 3):
            with self._lock:
                if self._clock() - self._asked_at > self._wanted_s:
                    self._thread = None
                    return
            with self._checking:
                if self._young(self._max_age_s / 2) is None and not self._closing.is_set():
                    self._renew()
