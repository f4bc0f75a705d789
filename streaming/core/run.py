"""A run: the append-only log of its events, and everyone's way to follow it."""

import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from streaming.core.events import STATUS_OF, Ended, Event, LogEntry, Started, Status
from streaming.core.request import RunRequest

Clock = Callable[[], float]


class Run:
    """One run's log, safe to append from the engine's thread and to follow from any number of others.

    `id` cannot be guessed: knowing it is the right to follow the run. `bytes` is what its events weigh so far.
    `zero_at` is the wall-clock time from which its events count.
    """

    def __init__(self, request: RunRequest, *, thread_id: str, clock: Clock = time.monotonic) -> None:
        self.id = secrets.token_urlsafe(16)
        self.request = request
        self.thread_id = thread_id
        self.created_at = self.zero_at = datetime.now(UTC)
        self._clock = clock
        self._submitted = clock()
        self._log: list[LogEntry] = []
        self._grown = threading.Condition()
        self._followers = 0
        self._unfollowed_since = self._submitted
        self._cancel: Callable[[], object] | None = None
        self._cancelled = False
        self._drain: Callable[[], object] | None = None
        self._drained = False
        self.bytes = 0

    def begin(self) -> None:
        """Time zero: the run's turn has come, so far it may have waited for another."""
        with self._grown:
            self._submitted = self._unfollowed_since = self._clock()
            self.zero_at = datetime.now(UTC)

    @property
    def started(self) -> Started | None:
        """The event that says that the graph has got its input, once it is there."""
        return next((entry.event for entry in self._log if isinstance(entry.event, Started)), None)

    @property
    def ended(self) -> Ended | None:
        """The run's last event, once it is there."""
        last = self._log[-1].event if self._log else None
        return last if isinstance(last, Ended) else None

    @property
    def status(self) -> Status:
        return STATUS_OF[self.ended.outcome] if self.ended else "Running"

    @property
    def events(self) -> list[LogEntry]:
        """A copy of the log as it stands."""
        return self._log[:]

    @property
    def length(self) -> int:
        """How many events the log holds. No `__len__`: a run without events yet would count as false."""
        return len(self._log)

    @property
    def age_s(self) -> float:
        """Seconds since the run was submitted."""
        return self._clock() - self._submitted

    @property
    def begun_at(self) -> float:
        """Time zero on the run's clock, which is the process's monotonic one."""
        return self._submitted

    @property
    def unfollowed_s(self) -> float:
        """Seconds since somebody last followed the run; 0 while somebody does."""
        with self._grown:
            return 0.0 if self._followers else self._clock() - self._unfollowed_since

    def append(self, event: Event, *, size: int = 0) -> None:
        """Stamp the event and wake the followers; raises `RuntimeError` after the end event."""
        with self._grown:
            if self.ended:
                raise RuntimeError(f"run {self.id} has ended: nothing can follow its end event")
            self._log.append(LogEntry(seq=len(self._log), t=self.age_s, event=event, size=size))
            self.bytes += size
            self._grown.notify_all()

    def follow(
        self, from_seq: int = 0, *, frame_s: float = 0.0, tick_s: float = 0.1
    ) -> Generator[list[LogEntry], None, None]:
        """Batches of new events until the end event is among them; a late follower gets the past at once.

        A batch holds all that came since the last one, so a slow follower never slows the run. Batches are at least
        `frame_s` apart; without news an empty one comes every `tick_s`, so that a caller can look up.
        """
        with self._following():
            seen = from_seq
            while True:
                asked = self._clock()
                with self._grown:
                    self._grown.wait_for(lambda seen=seen: len(self._log) > seen or self.ended, timeout=tick_s)  # type: ignore[misc]
                    batch, ended = self._log[seen:], self.ended
                seen += len(batch)
                yield batch
                if ended:
                    return
                early = frame_s - (self._clock() - asked)
                if early > 0:
                    time.sleep(early)

    def cancel(self) -> None:
        """Ask the run to stop, from any thread; its end event follows. A run that has ended stays as it is."""
        with self._grown:
            self._cancelled = True
            if self._cancel is not None:
                self._cancel()

    def on_cancel(self, cancel: Callable[[], object]) -> None:
        """Say how the run is cancelled; called at once if that was asked already."""
        with self._grown:
            self._cancel = cancel
            if self._cancelled:
                cancel()

    def drain(self) -> None:
        """Ask the run to stop when its present superstep is done, from any thread; its thread can go on from there."""
        with self._grown:
            self._drained = True
            if self._drain is not None:
                self._drain()

    @property
    def draining(self) -> bool:
        """Whether the run was asked to stop after its superstep, and has not yet."""
        return self._drained and self.ended is None

    def on_drain(self, drain: Callable[[], object]) -> None:
        """Say how the run is drained; called at once if that was asked already."""
        with self._grown:
            self._drain = drain
            if self._drained:
                drain()

    @contextmanager
    def _following(self) -> Iterator[None]:
        with self._grown:
            self._followers += 1
        try:
            yield
        finally:
            with self._grown:
                self._followers -= 1
                self._unfollowed_since = self._clock()
