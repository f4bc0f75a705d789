"""Builds all long-lived objects, each once, and closes them in the reverse order of their dependencies."""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from streaming.config.settings import Settings, load_settings
from streaming.config.signed_owners import SignedOwners, stored_key
from streaming.core.errors import CheckpointerUnavailable, StoreUnavailable
from streaming.core.run import Clock, Run
from streaming.faults.server import FaultServer
from streaming.observability.logs import logger
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.providers.embedded.server import WEIGHTS, EmbeddedServer, EmbeddedState
from streaming.recordings.format import installed_versions
from streaming.recordings.playable import PlayableRecordings
from streaming.remote_graphs.catalogue import RemoteGraphs
from streaming.remote_graphs.servers import KEY_VARIABLE, named_servers
from streaming.runtime.admission import Admission
from streaming.runtime.engine import Engine
from streaming.runtime.health_watch import HealthWatch
from streaming.runtime.known_graphs import KnownGraphs
from streaming.runtime.run_queue import FairQueue
from streaming.storage.login_store import LoginStore
from streaming.storage.run_finder import RunFinder
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter

if TYPE_CHECKING:
    from streaming.observability.exporter import Telemetry

HEALTH_S = 3.0
"""Greatest age of an answer to the health check, and its timeout."""

RECORDED_PACKAGES = ("streamlit", "langgraph", "langchain-core", "langchain-openai")
"""Packages whose versions are stored with each run, because its figures depend on them."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether a run can start (`reason` is empty then), why runs are not stored, and the embedded model's state."""

    reason: str
    history: str
    model: EmbeddedState

    @property
    def ok(self) -> bool:
        """Whether a run can start."""
        return not self.reason


class Services:
    """The long-lived objects of one server, each built at its first use, once and under a lock of its own.

    `close` closes them in the reverse order of their dependencies, and continues if one of them fails. Tests can pass
    `parts` that replace those that would be built.
    """

    _CLOSED_LAST_TO_FIRST = (
        *("telemetry", "run_store", "run_writer", "embedded_model", "own_graphs", "fault_server", "engine"),
        *("run_finder", "health"),
    )

    def __init__(self, settings: Settings, *, clock: Clock = time.monotonic, **parts: Any) -> None:
        self.settings = settings
        self.graphs = KnownGraphs()
        self._clock = clock
        self._lock = threading.Lock()
        self._building: dict[str, threading.Lock] = defaultdict(threading.Lock)
        self._parts: dict[str, Any] = parts
        self._closed = False

    @property
    def telemetry(self) -> "Telemetry":
        """Logs, metrics and traces of runs that have ended."""
        return self._once("telemetry", self._build_telemetry)

    @property
    def embedded_model(self) -> EmbeddedServer:
        """The process of the embedded model; it starts with the first use, or with `warm_up`."""
        return self._once("embedded_model", lambda: EmbeddedServer(weights=self.settings.model_file or WEIGHTS))

    @property
    def own_graphs(self) -> OwnGraphs:
        """The graphs that the setting `GRAPH` names, and what is wrong with it."""
        settings = self.settings
        return self._once("own_graphs", lambda: OwnGraphs(settings.graph, interpreter=settings.python_of_graph))

    @property
    def run_store(self) -> RunStore:
        """The history of runs; it connects at the first use."""
        return self._once("run_store", lambda: RunStore(self.settings.run_store_url))

    @property
    def login_store(self) -> LoginStore:
        """The logins that have ended, in the database of the history."""
        return self._once("login_store", lambda: LoginStore(self.run_store.database))

    @property
    def run_writer(self) -> RunWriter:
        """Writes runs into the history while they execute."""
        return self._once("run_writer", self._build_run_writer)

    @property
    def history_trouble(self) -> str:
        """Why runs are not stored at the moment; empty if they are, as far as is known."""
        return self.run_writer.trouble or self.run_store.trouble

    @property
    def engine(self) -> Engine:
        """Executes runs."""
        return self._once("engine", self._build_engine)

    @property
    def run_finder(self) -> RunFinder:
        """Finds runs of this server and of the history by their ids."""
        return self._once("run_finder", lambda: RunFinder(self.run_store, self.engine, self.graphs))

    @property
    def signed_owners(self) -> SignedOwners:
        """Names of owners for cookies; their key is in the settings, or in the data folder."""
        return self._once("signed_owners", self._build_signed_owners)

    @property
    def remote_graphs(self) -> RemoteGraphs:
        """The graphs of the LangGraph Servers that the settings name. Raises `BadSettings`."""
        return self._once("remote_graphs", self._build_remote_graphs)

    @property
    def playable_recordings(self) -> PlayableRecordings:
        """The recordings that browsers have opened to play."""
        return self._once("playable_recordings", PlayableRecordings)

    @property
    def fault_server(self) -> FaultServer:
        """The provider that breaks on purpose."""
        return self._once("fault_server", FaultServer)

    def warm_up(self) -> None:
        """Open the databases that the first run and the first query of the history would wait for."""
        with suppress(CheckpointerUnavailable):  # the first run reports it to the person who started it
            self.engine.open_checkpointer()
        with suppress(StoreUnavailable):
            self.run_store.connect()
        self.own_graphs.graphs()

    @property
    def health(self) -> HealthWatch[Health]:
        """Whether a run can start."""
        return self._once("health", lambda: HealthWatch(self._check_health, clock=self._clock, max_age_s=HEALTH_S))

    def close(self) -> None:
        """Close every part that was built. Can be repeated."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        # Outside the lock: a run that ends while the engine closes still uses the telemetry, and may be the first.
        with ExitStack() as closing:
            for name in self._CLOSED_LAST_TO_FIRST:
                closing.callback(self._close_part, name)

    def _close_part(self, name: str) -> None:
        if (part := self._parts.get(name)) is not None:
            part.close()

    def _once(self, name: str, build: Callable[[], _T]) -> _T:
        """The part of this name, built by the first caller; other parts can be built at the same time."""
        with self._lock:
            building = self._building[name]
        with building:
            if name not in self._parts:
                part = build()
                with self._lock:
                    self._parts[name] = part
            return cast(_T, self._parts[name])

    def _check_health(self) -> Health:
        reason = self.engine.checkpointer_error(timeout_s=HEALTH_S) or ""
        return Health(reason=reason, history=self.history_trouble, model=self.embedded_model.state)

    def _build_engine(self) -> Engine:
        settings = self.settings
        queue = FairQueue(
            max_concurrent=settings.max_concurrent_runs, max_per_session=settings.max_concurrent_runs_per_session
        )
        return Engine(
            checkpointer_url=settings.checkpointer_url,
            on_start=self._on_start,
            on_end=self._on_end,
            admission=Admission(queue=queue),
            embedded=self.embedded_model,
        )

    def _build_signed_owners(self) -> SignedOwners:
        secret = self.settings.cookie_secret
        if secret is not None:
            return SignedOwners(secret.get_secret_value().encode())
        return SignedOwners(stored_key(self.settings.data_dir / "cookie.key"))

    def _build_remote_graphs(self) -> RemoteGraphs:
        # Streamlit copies its secrets into the environment.
        return RemoteGraphs(named_servers(self.settings.langgraph_url, os.environ.get(KEY_VARIABLE, "")))

    def _build_run_writer(self) -> RunWriter:
        return RunWriter(
            self.run_store,
            log=logger(self.settings.log_format),
            environment=installed_versions(RECORDED_PACKAGES),
        )

    def _build_telemetry(self) -> "Telemetry":
        # Imported here because no page needs OpenTelemetry: the first run that ends waits for it in its own thread.
        from streaming.observability.exporter import open_telemetry

        return open_telemetry(log=logger(self.settings.log_format), stats=lambda: self.engine.queue_stats)

    def _on_start(self, run: Run) -> None:
        self.run_writer.record(run)
        # If there is no fault server, no run uses one of its endpoints.
        if "fault_server" in self._parts:
            self.fault_server.attach(run)

    def _on_end(self, run: Run) -> None:
        if "fault_server" in self._parts:
            self.fault_server.release(run)
        self.telemetry.observe(run)


_current: Services | None = None
_current_lock = threading.Lock()


def get_services() -> Services:
    """The services of this process, built at the first call; raises `BadSettings`."""
    global _current
    with _current_lock:
        if _current is None:
            _current = Services(load_settings())
        return _current


@contextmanager
def installed(services: Services) -> Iterator[Services]:
    """Make these the services of this process for a while, and close them afterwards."""
    global _current
    with _current_lock:
        before, _current = _current, services
    try:
        yield services
    finally:
        with _current_lock:
            _current = before
        services.close()
