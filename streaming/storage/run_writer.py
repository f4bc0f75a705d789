"""The run writer: one thread that saves all runs while they execute, twice a second."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from streaming.analysis.gap_histogram import histogram_of
from streaming.core.errors import StoreUnavailable
from streaming.core.events import LogEntry
from streaming.core.run import Clock, Run, short_id
from streaming.core.text_drawing import TextDrawing
from streaming.projections.answer_ends import AnswerEnds, endings_of
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import header_of
from streaming.runtime.run_facts import answering_model
from streaming.storage.run_store import RunStore
from streaming.storage.stored_request import dump_request

_Noted = TypeVar("_Noted")

FLUSH_EVERY_S = 0.5
HEARTBEAT_EVERY_S = 2.0
CLOSE_TIMEOUT_S = 10.0
DROP_LOGS_EVERY = 50
"""The retention limits are applied after this number of saved runs."""

MAX_UNSAVED_RUNS = 200
MAX_UNSAVED_S = 3600.0
"""Limits of the ended runs that wait for an unavailable database: their number, and their age since submission."""


@dataclass(slots=True, eq=False)
class _PendingRun:
    """A run, and how much of it is saved.

    `batch` holds the events of part `part` until they are saved. After a failure the same batch is sent again: it may
    have been saved nevertheless, and the store would ignore a different one with the same number.
    """

    run: Run
    edition: int = 0
    added: bool = False
    part: int = 0
    taken: int = 0
    batch: list[LogEntry] = field(default_factory=list)
    followed_at: float | None = None
    collector: MetricsCollector = field(default_factory=MetricsCollector)
    answers: AnswerEnds = field(default_factory=AnswerEnds)

    def begin(self, edition: int) -> None:
        """Nothing of the run is saved in this edition of the store."""
        self.edition, self.added, self.part, self.taken, self.batch = edition, False, 0, 0, []
        self.collector, self.answers = MetricsCollector(), AnswerEnds()

    def take_batch(self) -> bool:
        """Fill the batch with new events; returns whether there are any."""
        self.batch = self.run.since(self.taken)
        self.taken += len(self.batch)
        for entry in self.batch:
            self.collector.apply(entry)
            self.answers.apply(entry)
        return bool(self.batch)

    def acknowledge(self) -> None:
        """The batch is saved."""
        self.batch, self.part = [], self.part + 1


class RunWriter:
    """Saves the new events of every recorded run in its own thread, the only one that waits for the database.

    While the database is unavailable, `trouble` says so in a sentence, and each flush tries again. The
    newest `max_unsaved_runs` that have ended wait for `max_unsaved_s` seconds; the others are dropped and reported in
    the log. `environment` maps packages to the versions that are stored with each run.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        log: Any = None,
        environment: Mapping[str, str] | None = None,
        every_s: float = FLUSH_EVERY_S,
        max_unsaved_runs: int = MAX_UNSAVED_RUNS,
        max_unsaved_s: float = MAX_UNSAVED_S,
        clock: Clock = time.monotonic,
    ) -> None:
        self.trouble = ""
        self._store = store
        self._log = log
        self.environment = environment or {}
        self._every_s = every_s
        self._max_unsaved_runs = max_unsaved_runs
        self._max_unsaved_s = max_unsaved_s
        self._clock = clock
        self._pending: list[_PendingRun] = []
        self._first_texts: dict[str, float] = {}
        self._drawings: dict[str, TextDrawing] = {}
        # Two locks: a run that starts must not wait for the database.
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._wake = threading.Event()
        self._saved_runs = 0
        self._heartbeat_at = clock()
        self._closed = False
        self._thread: threading.Thread | None = None

    def record(self, run: Run) -> None:
        """Save this run from now on, until it has ended; returns at once.

        Its row is written without delay, so that other servers find the run.
        """
        with self._lock:
            self._pending.append(_PendingRun(run))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="run-writer", daemon=True)
                self._thread.start()
        self._wake.set()

    def note_first_text(self, run: Run, first_text_s: float) -> None:
        """Save when the first text of this run was drawn, in seconds since submission; returns at once.

        The first call for a run counts: a text that is drawn again is not new to its reader.
        """
        with self._lock:
            self._first_texts.setdefault(run.id, first_text_s)

    def first_text_s(self, run_id: str) -> float | None:
        """When the first text of this run was drawn, in seconds; `None` if it was not measured, or cannot be read."""
        return self._noted(self._first_texts, self._store.first_text_s, run_id)

    def note_drawing(self, run: Run, drawing: TextDrawing) -> None:
        """Save what drawing the text of this run gave and cost; returns at once. The first call for a run counts."""
        with self._lock:
            self._drawings.setdefault(run.id, drawing)

    def drawing(self, run_id: str) -> TextDrawing | None:
        """What drawing the text of this run gave and cost; `None` if it was not measured, or cannot be read."""
        return self._noted(self._drawings, self._store.drawing, run_id)

    def _noted(
        self, unsaved: Mapping[str, _Noted], stored: Callable[[str], _Noted | None], run_id: str
    ) -> _Noted | None:
        with self._lock:
            noted = unsaved.get(run_id)
        try:
            return stored(run_id) if noted is None else noted
        except StoreUnavailable:
            return None

    def close(self) -> None:
        """Save what is not saved yet, once, and stop."""
        self._closed = True
        self._wake.set()
        if self._thread is None:
            return
        self._thread.join(timeout=CLOSE_TIMEOUT_S)
        # A thread that still waits for the database holds the lock of its flush.
        if not self._thread.is_alive():
            # The thread's last flush may have started before the last events were appended.
            self.flush()
        for pending in self._all_pending():
            self._log_lost(pending.run, "the server ended before it could be saved")

    def flush(self) -> None:
        """Save all new events now, in the caller's thread."""
        with self._flushing:
            try:
                self._connect()
                for pending in self._all_pending():
                    self._save_or_drop(pending)
                self._save_drawings()
                self._send_heartbeats()
                self._do_what_is_asked()
                self._drop_old_logs()
                self.trouble = ""
            except StoreUnavailable as error:
                self.trouble = str(error)
                self._drop_surplus()

    def _connect(self) -> None:
        before = self._store.edition
        self._store.connect()
        if self._log is not None and before and self._store.edition != before:
            self._log.error(
                "history", trouble="Its file was removed or replaced. Runs go into the one that is there now."
            )

    def _work(self) -> None:
        while not self._closed:
            self._wake.wait(self._every_s)
            self._wake.clear()
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - damaged in any way, the history must not end this thread
                self._tell_damage(type(error).__name__)

    def _all_pending(self) -> list[_PendingRun]:
        with self._lock:
            return list(self._pending)

    def _save_or_drop(self, pending: _PendingRun) -> None:
        """Save a run; drop it if its own content is the problem, so that the others can be saved.

        Raises `StoreUnavailable` if the database is the problem.
        """
        try:
            self._save(pending)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - one run must not keep the others from the history
            with self._lock:
                self._pending.remove(pending)
            # Only the error's name: its message may hold the row with its prompt.
            self._log_lost(pending.run, type(error).__name__)

    def _save(self, pending: _PendingRun) -> None:
        run = pending.run
        if pending.edition != self._store.edition:
            # Its row is not in the file that is there now, and the whole run is in memory.
            pending.begin(self._store.edition)
        if not pending.added:
            header = header_of(run.id, run.created_at, run.request, environment=self.environment)
            owner = run.request.labels.get("owner", "")
            self._store.begin(
                run.id,
                header,
                owner=owner,
                created_at=run.created_at.timestamp(),
                request=dump_request(run.request),
            )
            pending.added = True
        if pending.batch:
            self._append(pending)
        if pending.take_batch():
            self._append(pending)
        if run.ended is not None and pending.taken == run.length:
            self._end(pending)

    def _append(self, pending: _PendingRun) -> None:
        self._store.append(pending.run.id, pending.part, pending.batch, pending.collector.metrics())
        pending.acknowledge()

    def _end(self, pending: _PendingRun) -> None:
        run, ended = pending.run, pending.run.ended
        assert ended is not None
        ended_at = run.zero_at.timestamp() + run.since(run.length - 1)[-1].t
        self._store.end(
            run.id,
            run.status,
            ended,
            ended_at=ended_at,
            gap_histogram=histogram_of(pending.collector.gaps),
            answers=endings_of(pending.answers.ends),
            model=answering_model(run),
        )
        metrics = pending.collector.metrics()
        with self._lock:
            # A whole answer is drawn when it is there.
            if metrics.ttft_s is None and metrics.answer_after_s is not None:
                self._first_texts.setdefault(run.id, metrics.answer_after_s)
            self._pending.remove(pending)
        self._saved_runs += 1

    def _save_drawings(self) -> None:
        """Save how runs that have ended were drawn: their rows are there, and nothing overwrites them."""
        self._save_noted(self._first_texts, self._store.note_first_text)
        self._save_noted(self._drawings, self._store.note_drawing)

    def _save_noted(self, noted: dict[str, Any], save: Callable[[str, Any], None]) -> None:
        with self._lock:
            pending = {one.run.id for one in self._pending}
            ended = {run_id: value for run_id, value in noted.items() if run_id not in pending}
        for run_id, value in ended.items():
            save(run_id, value)
            with self._lock:
                noted.pop(run_id, None)

    def _send_heartbeats(self) -> None:
        """Send one statement for all running runs: a run that waits in the queue has no events to save."""
        now = self._clock()
        if now - self._heartbeat_at < HEARTBEAT_EVERY_S:
            return
        if running := [pending.run.id for pending in self._all_pending() if pending.added]:
            self._store.heartbeat(running)
        self._heartbeat_at = now

    def _do_what_is_asked(self) -> None:
        """Stop the runs that another server asks to stop, and count the followers that it has.

        The time of a follower is compared with the last one only: the clocks of two servers differ.
        """
        executing = {
            pending.run.id: pending for pending in self._all_pending() if pending.added and pending.run.ended is None
        }
        if not executing:
            return
        for run_id, asked in self._store.asked(list(executing)).items():
            pending = executing[run_id]
            if asked.ask == "cancel":
                pending.run.cancel()
            elif asked.ask == "drain":
                pending.run.drain()
            if asked.followed_at != pending.followed_at:
                pending.followed_at = asked.followed_at
                pending.run.followed_elsewhere()

    def _drop_old_logs(self) -> None:
        if self._saved_runs >= DROP_LOGS_EVERY:
            self._store.drop_old_logs()
            self._saved_runs = 0

    def _drop_surplus(self) -> None:
        """Drop the oldest ended runs beyond the limits: each holds its whole log, and the database may stay away."""
        with self._lock:
            ended = [pending for pending in self._pending if pending.run.ended is not None]
            surplus = len(ended) - self._max_unsaved_runs
            dropped = [
                pending
                for index, pending in enumerate(ended)
                if index < surplus or pending.run.age_s > self._max_unsaved_s
            ]
            self._pending = [pending for pending in self._pending if pending not in dropped]
            for pending in dropped:
                self._first_texts.pop(pending.run.id, None)
                self._drawings.pop(pending.run.id, None)
        for pending in dropped:
            self._log_lost(pending.run, "the database was in trouble for too long")

    def _tell_damage(self, what: str) -> None:
        """Say it once; the next flush tries again."""
        trouble = f"The history of runs is damaged ({what})."
        if self._log is not None and trouble != self.trouble:
            self._log.error("history", trouble=trouble)
        self.trouble = trouble

    def _log_lost(self, run: Run, why: str) -> None:
        """Report that this run, or the rest of it, is not stored."""
        if self._log is not None:
            self._log.error("history", run=short_id(run.id), lost=why)
