"""Saves runs while they go: one thread for all of them, twice a second."""

import threading
from dataclasses import dataclass, field
from typing import Any

from streaming.core.errors import StoreUnavailable
from streaming.core.run import Run
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import header_of
from streaming.storage.run_store import RunStore

EVERY_S = 0.5
CLOSE_S = 10.0
FORGET_EVERY = 50
"""After so many saved runs the retention limits are looked at."""

MAX_UNSAVED_RUNS = 200
MAX_UNSAVED_S = 3600.0
"""So many runs that have ended wait for a database in trouble, and so long, counted from their begin."""

_SHOWN = 8
"""Characters of an id in the log: too few to follow the run with it."""


@dataclass(slots=True, eq=False)
class _PendingRun:
    run: Run
    owner: str
    begun: bool = False
    parts: int = 0
    seen: int = 0
    latency: MetricsCollector = field(default_factory=MetricsCollector)


class RunWriter:
    """Follows every run that it is given and saves what is new; a database in trouble is tried again later.

    `trouble` is the sentence to show while nothing can be saved. The newest `kept` runs that have ended meanwhile wait
    for `max_age_s` seconds; those beyond are given up, and the log says which.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        log: Any = None,
        every_s: float = EVERY_S,
        kept: int = MAX_UNSAVED_RUNS,
        max_age_s: float = MAX_UNSAVED_S,
    ) -> None:
        self.trouble = ""
        self._kept = kept
        self._max_age_s = max_age_s
        self._store = store
        self._log = log
        self._every_s = every_s
        self._saving: list[_PendingRun] = []
        # Two locks: a run that starts must not wait for the database.
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._wake = threading.Event()
        self._saved = 0
        self._closed = False
        self._thread: threading.Thread | None = None

    def record(self, run: Run) -> None:
        """Save this run from now on, until it has ended."""
        with self._lock:
            self._saving.append(_PendingRun(run, owner=run.request.labels.get("owner", "")))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Save what is left, once, and stop."""
        self._closed = True
        self._wake.set()
        if self._thread is None:
            return
        self._thread.join(timeout=CLOSE_S)
        # A thread that still waits for the database holds the lock of its flush.
        if not self._thread.is_alive():
            # The thread's own last one may have begun before the last events came.
            self.flush()
        with self._lock:
            left = list(self._saving)
        for one in left:
            self._log_lost(one.run, "the server ended before it could be saved")

    def flush(self) -> None:
        """Save what is new now, in the caller's thread."""
        with self._flushing:
            with self._lock:
                saving = list(self._saving)
            try:
                for one in saving:
                    self._save_or_leave(one)
                self.trouble = ""
            except StoreUnavailable as error:
                self.trouble = str(error)
                self._give_up()

    def _give_up(self) -> None:
        """Let go of the oldest runs that have ended: each holds its whole log, and the database may stay away."""
        with self._lock:
            ended = [one for one in self._saving if one.run.ended is not None]
            surplus = len(ended) - self._kept
            lost = [one for place, one in enumerate(ended) if place < surplus or one.run.age_s > self._max_age_s]
            self._saving = [one for one in self._saving if one not in lost]
        for one in lost:
            self._log_lost(one.run, "the database was in trouble for too long")

    def _work(self) -> None:
        while not self._closed:
            self._wake.wait(self._every_s)
            self.flush()

    def _save_or_leave(self, one: _PendingRun) -> None:
        """A run that cannot be written down must not keep the others from it; raises `StoreUnavailable`."""
        try:
            self._save(one)
        except StoreUnavailable:
            raise
        except Exception as error:
            with self._lock:
                self._saving.remove(one)
            # Only the error's name: its words may hold the row with its prompt.
            self._log_lost(one.run, type(error).__name__)

    def _save(self, one: _PendingRun) -> None:
        run = one.run
        if not one.begun:
            header = header_of(run.id, run.created_at, run.request)
            self._store.begin(run.id, header, owner=one.owner, created_at=run.created_at.timestamp())
            one.begun = True
        new = run.events[one.seen :]
        for entry in new:
            one.latency.apply(entry)
        try:
            self._store.append(run.id, one.parts, new, one.latency.metrics())
        except StoreUnavailable:
            # The same events come again at the next try.
            one.latency = MetricsCollector()
            for entry in run.events[: one.seen]:
                one.latency.apply(entry)
            raise
        one.seen, one.parts = one.seen + len(new), one.parts + bool(new)
        ended = run.ended
        if ended is not None and one.seen == run.length:
            self._store.end(run.id, run.status, ended)
            with self._lock:
                self._saving.remove(one)
            self._saved += 1
            if self._saved % FORGET_EVERY == 0:
                self._store.drop_old_logs()

    def _log_lost(self, run: Run, why: str) -> None:
        """Report that this run, or the rest of it, is in no history."""
        if self._log is not None:
            self._log.error("history", run=run.id[:_SHOWN], lost=why)
