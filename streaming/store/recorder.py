"""Saves runs while they go: one thread for all of them, twice a second."""

import threading
from dataclasses import dataclass, field

from streaming.errors import StoreUnavailable
from streaming.projections import Latency
from streaming.recording import header_of
from streaming.run import Run
from streaming.store.store import Store

EVERY_S = 0.5
FORGET_EVERY = 50
"""After so many saved runs the retention limits are looked at."""


@dataclass(slots=True)
class _Saving:
    run: Run
    owner: str
    begun: bool = False
    parts: int = 0
    seen: int = 0
    latency: Latency = field(default_factory=Latency)


class Recorder:
    """Follows every run that it is given and saves what is new; a database in trouble is tried again later.

    `trouble` is the sentence to show while nothing can be saved. What could not be saved stays in the runs themselves,
    which the lab keeps for an hour.
    """

    def __init__(self, store: Store, *, every_s: float = EVERY_S) -> None:
        self.trouble = ""
        self._store = store
        self._every_s = every_s
        self._saving: list[_Saving] = []
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
            self._saving.append(_Saving(run, owner=run.request.labels.get("owner", "")))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Save what is left, once, and stop."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

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

    def _work(self) -> None:
        while not self._closed:
            self._wake.wait(self._every_s)
            self.flush()

    def _save_or_leave(self, one: _Saving) -> None:
        """A run that cannot be written down must not keep the others from it; raises `StoreUnavailable`."""
        try:
            self._save(one)
        except StoreUnavailable:
            raise
        except Exception:
            with self._lock:
                self._saving.remove(one)

    def _save(self, one: _Saving) -> None:
        run = one.run
        if not one.begun:
            header = header_of(run.id, run.created_at, run.request)
            self._store.begin(run.id, header, owner=one.owner, created_at=run.created_at.timestamp())
            one.begun = True
        new = run.events[one.seen :]
        for stamped in new:
            one.latency.apply(stamped)
        try:
            self._store.append(run.id, one.parts, new, one.latency.metrics())
        except StoreUnavailable:
            # The same events come again at the next try.
            one.latency = Latency()
            for stamped in run.events[: one.seen]:
                one.latency.apply(stamped)
            raise
        one.seen, one.parts = one.seen + len(new), one.parts + bool(new)
        ended = run.ended
        if ended is not None and one.seen == run.length:
            self._store.end(run.id, run.status, ended)
            with self._lock:
                self._saving.remove(one)
            self._saved += 1
            if self._saved % FORGET_EVERY == 0:
                self._store.forget_logs()
