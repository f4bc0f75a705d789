"""Finds a run wherever it is: on this server, or in the history after a restart, an hour, or on another server."""

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from streaming.core.errors import BadRecording, LabError, NotContinuable, UnknownRun
from streaming.core.run import SHORT_ID_LENGTH, Run
from streaming.runtime.engine import Engine
from streaming.runtime.known_graphs import KnownGraphs
from streaming.storage.run_store import LOST_AFTER_S, Ask, RunStore
from streaming.storage.stored_request import load_request
from streaming.storage.stored_run import LOST, StoredRun, following

POLL_S = 0.5
"""Seconds between two readings of a run that another server executes, as often as that server saves it."""
NOTE_FOLLOWERS_EVERY_S = 2.0
"""Seconds between two notes for the servers that execute runs: without a follower, a run ends after its grace time."""
MAX_TURNS = 50
"""Earlier turns of a conversation that are loaded with a run."""
MAX_VERSIONS = 20
"""Versions of one turn that are loaded with it: the first one and the newest others."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""Anything else is no id, and some of it no text that a database takes."""


@dataclass(frozen=True, slots=True)
class _Followed:
    """A run of another server: how much of it is here, and the newest heartbeat of that server.

    The heartbeat is compared with the one before, and its age is taken by this server's monotonic clock: the system's
    clock may be set, and those of two servers differ.
    """

    run: Run
    parts: int
    heartbeat_at: float
    heard_at: float

    def after(self, stored: StoredRun, now: float) -> "_Followed":
        """The same after another reading, at this time of the monotonic clock."""
        heard = stored.heartbeat_at != self.heartbeat_at
        heard_at = now if heard else self.heard_at
        return replace(self, parts=stored.parts, heartbeat_at=stored.heartbeat_at, heard_at=heard_at)


class RunFinder:
    """Loads runs from the history into the engine's registry, where everything else finds them.

    The id of a run gives the right to follow it. A run without an end is followed in the history until its server,
    which may be another one, has ended it or is gone. That server learns by the history that the run has followers
    here, and that it was stopped here.
    """

    def __init__(
        self,
        store: RunStore,
        engine: Engine,
        graphs: KnownGraphs,
        *,
        poll_s: float = POLL_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._engine = engine
        self._graphs = graphs
        self._poll_s = poll_s
        self._monotonic = monotonic
        self._loading = threading.Lock()
        self._unfinished: list[_Followed] = []
        self._asks: dict[str, Ask] = {}
        self._noted_at = 0.0
        self._wake = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def find(self, run_id: str) -> Run | None:
        """The run with this id; `None` if there is none.

        Reads the database if the engine does not have the run. Raises `StoreUnavailable`, or `BadRecording` for a run
        whose events were dropped or are damaged.
        """
        run = self._engine.get(run_id)
        if run is not None or not _ID.fullmatch(run_id):
            return run
        with self._loading:
            return self._engine.get(run_id) or self._load(run_id)

    def full_id(self, beginning: str) -> str:
        """The id of the one run with this short id, as lists show it; any other text as it is."""
        if len(beginning) != SHORT_ID_LENGTH or not _ID.fullmatch(beginning):
            return beginning
        here = {run.id for run in self._engine.registry.runs() if run.id.startswith(beginning)}
        found = here | set(self._store.ids_that_begin_with(beginning))
        return found.pop() if len(found) == 1 else beginning

    def find_to_continue(self, run_id: str) -> Run:
        """The run with this id, if the next run of its thread can follow it.

        Raises what `find` raises, `UnknownRun`, or `NotContinuable` for one that goes on or was continued already.
        """
        run = self.find(run_id)
        if run is None:
            raise UnknownRun("There is no run with this id.")
        if run.ended is None:
            raise NotContinuable("The run has not ended.", advice="Wait for its end, or stop it.")
        if self._engine.registry.newest_after(run) is not run:
            raise NotContinuable("The run was continued already.", advice="Continue the newest run of its thread.")
        return run

    def close(self) -> None:
        """Stop to read runs of other servers."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def _load(self, run_id: str) -> Run | None:
        run = self._restored(run_id)
        if run is None:
            return None
        turns = [run]
        while len(turns) <= MAX_TURNS and (previous := turns[0].request.previous_run_id):
            if self._engine.get(previous) is not None or (earlier := self._earlier(previous)) is None:
                break
            turns.insert(0, earlier)
        for turn in turns:
            self._adopt_versions(turn)
            self._engine.adopt(turn)
        return run

    def _adopt_versions(self, turn: Run) -> None:
        """Load the other versions of a turn that was edited or generated again."""
        first = turn.request.replaces_run_id or turn.id
        try:
            others = self._store.replacements(first, limit=MAX_VERSIONS - 1)
        except LabError:
            others = []
        for run_id in {first, *others} - {turn.id}:
            if self._engine.get(run_id) is None and (version := self._earlier(run_id)) is not None:
                self._engine.adopt(version)

    def _earlier(self, run_id: str) -> Run | None:
        """An earlier turn; without it the conversation begins later."""
        try:
            return self._restored(run_id)
        except LabError:
            return None

    def _restored(self, run_id: str) -> Run | None:
        stored = self._store.stored_run(run_id)
        if stored is None:
            return None
        if not stored.events and stored.over:
            raise BadRecording("The events of this run were dropped to save space.", advice="Run it again.")
        try:
            graph = self._graphs.named(stored.header.graph)
            request = load_request(stored.header, stored.request, graph=graph, owner=stored.owner)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise BadRecording("What is stored of this run is damaged.", advice="Run it again.") from error
        run = Run.from_history(run_id, request, created_at=datetime.fromtimestamp(stored.created_at, UTC))
        self._take(run, stored, over=stored.over)
        if run.ended is None:
            self._follow(_Followed(run, stored.parts, stored.heartbeat_at, self._monotonic()))
        return run

    def _take(self, run: Run, stored: StoredRun, *, over: bool) -> None:
        """Add what is stored; a run that is over and has no end event gets one."""
        run.add_stored(stored.events)
        if not run.thread_id and run.started is not None:
            run.thread_id = run.started.thread_id
        if over and run.ended is None:
            run.add_stored([following(run.events, self._engine.lost_end(run, LOST))])

    def _follow(self, followed: _Followed) -> None:
        run = followed.run
        run.on_cancel(partial(self._ask, run.id, "cancel"))
        run.on_drain(partial(self._ask, run.id, "drain"))
        self._unfinished.append(followed)
        if self._thread is None:
            self._thread = threading.Thread(target=self._read_regularly, name="run-reader", daemon=True)
            self._thread.start()

    def _ask(self, run_id: str, ask: Ask) -> None:
        """Remember it for the thread that reads: this is called while the run is locked."""
        self._asks[run_id] = ask
        self._wake.set()

    def _send_asks(self) -> None:
        """Send what was asked here, and note the followers; what fails is sent again with the next reading."""
        for run_id, ask in list(self._asks.items()):
            self._store.ask(run_id, ask)
            if self._asks.get(run_id) == ask:
                del self._asks[run_id]
        now = self._monotonic()
        if now - self._noted_at >= NOTE_FOLLOWERS_EVERY_S:
            if followed := [one.run.id for one in self._unfinished if one.run.followed]:
                self._store.note_followers(followed)
            self._noted_at = now

    def _read_regularly(self) -> None:
        while not self._closed:
            self._wake.wait(self._poll_s)
            self._wake.clear()
            with self._loading:
                with suppress(LabError):
                    self._send_asks()
                self._unfinished = [one for one in map(self._read, self._unfinished) if one.run.ended is None]

    def _read(self, followed: _Followed) -> _Followed:
        run = followed.run
        try:
            stored = self._store.stored_run(run.id, first_part=followed.parts)
        except LabError:
            return followed
        if stored is None:
            run.add_stored([following(run.events, LOST)])
            return followed
        now = self._monotonic()
        after = followed.after(stored, now)
        self._take(run, stored, over=stored.ended or now - after.heard_at > LOST_AFTER_S)
        return after
