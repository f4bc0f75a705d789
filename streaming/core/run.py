"""A run: the append-only log of its events, and the ways to follow it."""

import asyncio
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from streaming.core.events import Ended, Event, LogEntry, Started, Status, status_of
from streaming.core.request import RunRequest

Clock = Callable[[], float]

SHORT_ID_LENGTH = 8
"""Characters of an id in logs and exported files: enough to tell runs apart."""

MAX_BATCH = 500
"""Entries in one batch of an asynchronous follower: a long log must not hold up the other tasks of its event loop."""


class Run:
    """One run's log, safe to append from the engine's thread and to follow from any number of others.

    `id`, by default a new one, cannot be guessed: knowing it is the right to follow the run. `bytes` is the size of its
    events so far. `zero_at` is the wall-clock time from which its events count, by the clock that `created_at` was read
    from; until it `has_begun`, the run waits for another one. A `stored` run was executed by an earlier or another
    server: its log comes from the history.
    """

    def __init__(self, request: RunRequest, *, thread_id: str, run_id: str = "", clock: Clock = time.monotonic) -> None:
        self.id = run_id or new_run_id()
        self.request = request
        self.thread_id = thread_id
        self.created_at = self.zero_at = datetime.now(UTC)
        self._clock = clock
        self._created = self._submitted = clock()
        self.has_begun = False
        self._log: list[LogEntry] = []
        self._changed = threading.Condition()
        self._wakers: set[Waker] = set()
        self._on_begin: list[Callable[[], object]] = []
        self._followers = 0
        self._unfollowed_since = self._submitted
        self._cancel: Callable[[], object] | None = None
        self._cancelled = False
        self.cancel_reason = ""
        self.stored = False
        self._viewed = False
        self._drain: Callable[[], object] | None = None
        self._drained = False
        self.bytes = 0

    @classmethod
    def from_history(cls, run_id: str, request: RunRequest, *, created_at: datetime) -> "Run":
        """A run that this process did not execute; `add_stored` fills its log, which names the thread."""
        run = cls(request, thread_id=request.thread_id or "")
        run.id, run.created_at, run.zero_at = run_id, created_at, created_at
        run._submitted -= max(0.0, (datetime.now(UTC) - created_at).total_seconds())
        run.has_begun = run.stored = True
        return run

    def add_stored(self, entries: Sequence[LogEntry]) -> None:
        """Append entries as they were stamped when the run was executed, and wake the followers."""
        if not entries:
            return
        with self._changed:
            self._log.extend(entries)
            self.bytes += sum(entry.size for entry in entries)
            # The clock of the server that executes it may be ahead.
            self._submitted = min(self._submitted, self._clock() - entries[-1].t)
            self._wake_followers()

    def begin(self) -> None:
        """Set time zero: the run no longer waits for another one in its sequence."""
        with self._changed:
            self._submitted = self._unfollowed_since = self._clock()
            self.has_begun = True
            self.zero_at = self.created_at + timedelta(seconds=self.since_created_s)
        for callback in self._on_begin:
            callback()

    def on_begin(self, callback: Callable[[], object]) -> None:
        """Call `callback` at time zero, in the engine's thread. Register it before `begin`, or it is never called."""
        self._on_begin.append(callback)

    @property
    def owner(self) -> str | None:
        """The session that the run counts for; `None` for a run that belongs to no session."""
        return self.request.labels.get("owner") or None

    @property
    def started(self) -> Started | None:
        """The event that marks the graph's input; `None` before it."""
        return next((entry.event for entry in self._log if isinstance(entry.event, Started)), None)

    @property
    def ended(self) -> Ended | None:
        """The end event; `None` while the run is running."""
        last = self._log[-1].event if self._log else None
        return last if isinstance(last, Ended) else None

    @property
    def status(self) -> Status:
        """The state of the run in one word, as a page shows it."""
        return status_of(self.ended) if self.ended else "Running"

    @property
    def interrupted(self) -> bool:
        """Whether it ended at a point from which its thread can go on: by an interrupt, or after a step."""
        return self.ended is not None and self.ended.outcome == "interrupted"

    @property
    def events(self) -> list[LogEntry]:
        """A copy of the whole log; `since` copies only what is new."""
        return self._log[:]

    def since(self, seq: int, *, most: int | None = None) -> list[LogEntry]:
        """The entries from this number on, the first `most` of them; empty where there are none yet."""
        return self._log[seq : None if most is None else seq + most]

    @property
    def length(self) -> int:
        """The number of events in the log. No `__len__`: a run without events yet would count as false."""
        return len(self._log)

    @property
    def since_created_s(self) -> float:
        """Seconds since the run was created, its wait for another one included."""
        return self._clock() - self._created

    @property
    def age_s(self) -> float:
        """Seconds since the run was submitted."""
        return self._clock() - self._submitted

    def take_first_view(self) -> bool:
        """Whether the caller is the first to draw this run; only one caller is, and none of a stored run."""
        with self._changed:
            first, self._viewed = not self._viewed and not self.stored, True
        return first

    @property
    def followed(self) -> bool:
        """Whether the run has a follower now."""
        return self._followers > 0

    @property
    def unfollowed_s(self) -> float:
        """Seconds since the last follower left; 0 while there is one."""
        with self._changed:
            return 0.0 if self._followers else self._clock() - self._unfollowed_since

    def followed_elsewhere(self) -> None:
        """Another server has a follower of this run: the grace time begins again."""
        with self._changed:
            self._unfollowed_since = self._clock()

    def append(self, event: Event, *, size: int = 0, at_s: float | None = None) -> None:
        """Stamp the event and wake the followers; raises `RuntimeError` after the end event.

        `at_s` is the age of the run at which it happened, if that was before now. The log stays in order of time.
        """
        with self._changed:
            if self.ended:
                raise RuntimeError(f"run {self.id} has ended: nothing can follow its end event")
            before_s = self._log[-1].t if self._log else 0.0
            t = self.age_s if at_s is None else max(at_s, before_s)
            self._log.append(LogEntry(seq=len(self._log), t=t, event=event, size=size))
            self.bytes += size
            self._wake_followers()

    def follow(
        self, from_seq: int = 0, *, frame_s: float = 0.0, tick_s: float = 0.1
    ) -> Generator[list[LogEntry], None, None]:
        """Batches of new events up to the end event; a late follower gets the past in its first batch.

        A batch holds everything since the previous one, so a slow follower never slows the run. Batches are at least
        `frame_s` apart; without news an empty one comes every `tick_s`, so that the caller can do something else.
        Blocks the calling thread; `afollow` does the same on an event loop.
        """
        with self._following():
            seen = from_seq
            while True:
                frame_start = self._clock()
                with self._changed:
                    self._changed.wait_for(lambda seen=seen: len(self._log) > seen or self.ended, timeout=tick_s)  # type: ignore[misc]
                    batch, ended = self._log[seen:], self.ended
                seen += len(batch)
                yield batch
                if ended:
                    return
                rest_of_frame_s = frame_s - (self._clock() - frame_start)
                if rest_of_frame_s > 0:
                    time.sleep(rest_of_frame_s)

    async def afollow(
        self, from_seq: int = 0, *, frame_s: float = 0.0, tick_s: float | None = None, max_batch: int = MAX_BATCH
    ) -> AsyncGenerator[list[LogEntry], None]:
        """Batches of new events up to the end event, on any event loop and without a thread.

        The followers of one run may belong to different event loops. A batch has at most `max_batch` entries; other
        tasks get a turn after each. Batches are at least `frame_s` apart; with `tick_s` an empty batch comes at that
        interval without news. Use it in `contextlib.aclosing`: a follower that has left must stop counting for the
        run's grace time.
        """
        loop = asyncio.get_running_loop()
        waker = _Waker(loop)
        with self._following(waker):
            seen = from_seq
            while True:
                frame_start = loop.time()
                # Before reading the log: an event that is appended afterwards wakes the follower again.
                waker.reset()
                if not self._has_news(seen):
                    await waker.wait(tick_s)
                batch = self._log[seen : seen + max_batch]
                seen += len(batch)
                if batch or tick_s is not None:
                    yield batch
                if self.ended and seen >= len(self._log):
                    return
                # Earlier events are not paced; a sleep of 0 still lets other tasks run.
                catching_up = len(batch) == max_batch
                await asyncio.sleep(0 if catching_up else max(0.0, frame_s - (loop.time() - frame_start)))

    def followed_by(self, waker: "Waker") -> AbstractContextManager[None]:
        """Count a follower while the context is open, and call its `wake` after each event.

        `wake` is called from the thread that appends; it must not block or call the run.
        """
        return self._following(waker)

    def cancel(self, reason: str = "") -> None:
        """Ask the run to stop, from any thread; its end event follows, with this reason if it was not a person's wish.

        Only the first call counts: a second one would interrupt the clean-up that the first one has started.
        """
        with self._changed:
            counts, self._cancelled = not self._cancelled, True
            if counts:
                self.cancel_reason = reason
            if counts and self._cancel is not None:
                self._cancel()

    def on_cancel(self, cancel: Callable[[], object]) -> None:
        """Set what cancels the run; called immediately if the run was cancelled already."""
        with self._changed:
            self._cancel = cancel
            if self._cancelled:
                cancel()

    def drain(self) -> None:
        """Ask the run to stop after the present superstep, from any thread; its thread can continue from there."""
        with self._changed:
            self._drained = True
            if self._drain is not None:
                self._drain()

    @property
    def draining(self) -> bool:
        """Whether the run will stop after the present superstep."""
        return self._drained and self.ended is None

    def on_drain(self, drain: Callable[[], object]) -> None:
        """Set what drains the run; called immediately if the run was asked to drain already."""
        with self._changed:
            self._drain = drain
            if self._drained:
                drain()

    def _wake_followers(self) -> None:
        self._changed.notify_all()
        for waker in self._wakers:
            waker.wake()

    def _has_news(self, seen: int) -> bool:
        return len(self._log) > seen or self.ended is not None

    @contextmanager
    def _following(self, waker: "Waker | None" = None) -> Iterator[None]:
        with self._changed:
            self._followers += 1
            if waker is not None:
                self._wakers.add(waker)
        try:
            yield
        finally:
            with self._changed:
                self._followers -= 1
                self._unfollowed_since = self._clock()
                if waker is not None:
                    self._wakers.discard(waker)


def new_run_id() -> str:
    """A secret id for a run; a command would take one that begins with a dash for an option."""
    while (found := secrets.token_urlsafe(16)).startswith("-"):
        pass
    return found


def short_id(full: str) -> str:
    """The first characters of an id, which give no access to its run or thread."""
    return full[:SHORT_ID_LENGTH]


class Waker(Protocol):
    """Wakes a follower after each event."""

    def wake(self) -> None:
        """Let the follower read the log soon; called from the thread that appends."""


class _Waker:
    """Wakes one follower on its event loop from the thread that appends, with at most one pending call at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()
        self._called = False

    def wake(self) -> None:
        """Let the follower read the log; from any thread."""
        if self._called:
            return
        self._called = True
        # If the loop has closed, its follower is gone.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._event.set)

    def reset(self) -> None:
        """Forget earlier calls; on the follower's loop, before it reads the log."""
        self._event.clear()
        self._called = False

    async def wait(self, timeout_s: float | None) -> None:
        """Return after a call of `wake`, or after `timeout_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
