"""A sequence: many runs that wait for each other, of which only the current one exists."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from streaming.core.request import RunRequest
from streaming.core.run import Run

T = TypeVar("T")
MAX_SEQUENCES = 64


class RunSequence(Generic[T]):
    """Requests that an engine executes one after the other, and a measurement of each run that has ended.

    A run is created when the one before it has ended, and is not retained: `measure` is called with its position and
    the run, in the engine's thread pool, and only the result remains. A cancelled run ends the sequence. `subject` is
    what it is about, for who finds the sequence by its id. Safe to use from any thread.
    """

    def __init__(
        self, requests: Sequence[RunRequest], measure: Callable[[int, Run], T], *, subject: object = None
    ) -> None:
        self.id = secrets.token_urlsafe(12)
        self.requests = tuple(requests)
        self.subject = subject
        self.cancel_reason = ""
        self._began = time.monotonic()
        self._measure = measure
        self._results: list[T] = []
        self._current: Run | None = None
        self._ended = False
        self._cancelled = False
        self._changed = threading.Condition()

    @property
    def results(self) -> list[T]:
        """One result for each run that has ended, in the order of the requests."""
        with self._changed:
            return self._results[:]

    @property
    def ended(self) -> bool:
        """Whether no further run will start and all results are complete."""
        return self._ended

    @property
    def cancelled(self) -> bool:
        """Whether the sequence, or one of its runs, was cancelled."""
        return self._cancelled

    @property
    def remaining_s(self) -> float | None:
        """Seconds until the end, if the runs to come take as long as those before; `None` before the first result."""
        done = len(self.results)
        return (time.monotonic() - self._began) / done * (len(self.requests) - done) if done else None

    def cancel(self, reason: str = "") -> None:
        """Stop the current run and start no further one; `reason` is a sentence, if it was not a person's wish."""
        with self._changed:
            if not self._cancelled:
                self.cancel_reason = reason
            self._cancelled = True
            if self._current is not None:
                self._current.cancel()

    def keep(self) -> None:
        """Begin the grace time of the current run again: someone is interested in it."""
        with self._changed:
            if self._current is not None:
                with self._current.followed_by(self):
                    pass

    def wake(self) -> None:
        """A look has no use for news."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end, at most this long; whether it has come."""
        with self._changed:
            return self._changed.wait_for(lambda: self._ended, timeout=timeout_s)

    def begin(self, run: Run) -> bool:
        """Make this the current run; `False` if the sequence was cancelled. Called by the engine."""
        with self._changed:
            if not self._cancelled:
                self._current = run
            self._changed.notify_all()
            return not self._cancelled

    def measured(self, run: Run) -> None:
        """Measure a run that has ended, and keep the result. Called by the engine."""
        result = self._measure(len(self._results), run)
        with self._changed:
            self._results.append(result)
            self._cancelled = self._cancelled or run.status == "Cancelled"

    def end(self) -> None:
        """End the sequence. Called by the engine."""
        with self._changed:
            self._ended, self._current = True, None
            self._changed.notify_all()


class SequenceRegistry:
    """The newest sequences by their id, which is the right to see one."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, RunSequence[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, sequence: RunSequence[Any]) -> None:
        """Keep it; if there are too many, the oldest one that has ended is dropped."""
        with self._lock:
            self._held[sequence.id] = sequence
            ended = [key for key, held in self._held.items() if held.ended]
            for key in ended[: max(0, len(self._held) - MAX_SEQUENCES)]:
                del self._held[key]

    def get(self, key: str) -> RunSequence[Any] | None:
        """The sequence with this id; `None` if there is none, or if it was dropped."""
        return self._held.get(key)
