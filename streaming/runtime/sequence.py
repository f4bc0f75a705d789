"""A sequence: many runs that wait for each other, of which only the current one exists."""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from streaming.core.request import RunRequest
from streaming.core.run import Run

T = TypeVar("T")


class RunSequence(Generic[T]):
    """Requests that an engine executes one after the other, and a measurement of each run that has ended.

    A run is created when the one before it has ended, and is not retained: `measure` is called with its position and
    the run, in the engine's thread pool, and only the result remains. A cancelled run ends the sequence. Safe to use
    from any thread.
    """

    def __init__(self, requests: Sequence[RunRequest], measure: Callable[[int, Run], T]) -> None:
        self.requests = tuple(requests)
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

    def cancel(self) -> None:
        """Stop the current run and start no further one."""
        with self._changed:
            self._cancelled = True
            if self._current is not None:
                self._current.cancel()

    def follow(self, *, tick_s: float) -> Iterator[int]:
        """The number of results at every tick until the sequence has ended; follows the current run meanwhile."""
        while not self._ended:
            run = self._current
            if run is not None and run.ended is None:
                for _ in run.follow(run.length, frame_s=tick_s, tick_s=tick_s):
                    yield len(self._results)
            with self._changed:
                self._changed.wait_for(lambda run=run: self._ended or self._current is not run, timeout=tick_s)  # type: ignore[misc]
            yield len(self._results)

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
