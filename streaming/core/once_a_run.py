"""What is computed from the log of a run that has ended is computed once, however often a page is drawn."""

import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from streaming.core.run import Run

T = TypeVar("T")


class OnceARun(Generic[T]):
    """Remembers a value for each run and each key, as long as the run is held; a log that grows is not remembered.

    Two threads that ask at the same time may both compute it.
    """

    def __init__(self) -> None:
        self._values: WeakKeyDictionary[Run, dict[Hashable, Any]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, run: Run, compute: Callable[[], T], *, key: Hashable = None) -> T:
        """The value of this run; `compute` gives it the first time, and before the run has ended."""
        with self._lock:
            known = self._values.get(run, {})
        if key in known:
            return known[key]  # type: ignore[no-any-return]
        over = run.ended is not None
        value = compute()
        if over:
            with self._lock:
                self._values.setdefault(run, {})[key] = value
        return value
