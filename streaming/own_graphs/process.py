"""The process of one graph over time: started when it is needed, and again after a crash or a change of its files."""

import os
import threading
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from streaming.core.errors import GraphFailed
from streaming.core.graph_description import GraphDescription, NodeDescription
from streaming.own_graphs.connection import LOAD_S, Connection
from streaming.own_graphs.project_files import Times, changed_files, watched
from streaming.own_graphs.sources import Source

CHECK_S = 1.0
"""Files are looked at no more often than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedGraph:
    """The description of the graph, or the sentence that says why it cannot be loaded."""

    description: GraphDescription = field(default_factory=GraphDescription)
    trouble: str = ""


class GraphProcess:
    """Starts and restarts the process of one graph. Safe to use from any thread."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.loaded = LoadedGraph()
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._old: list[Connection] = []
        self._files: Times = {}
        self._checked_at = 0.0
        self._stale = False
        self._changes: Mapping[str, bool] = {}
        self._replaced_by: Mapping[str, bool] = {}
        self._replaced_threads: Set[str] = frozenset()
        self._closed = False
        self._restarts = False

    def load(self) -> LoadedGraph:
        """The graph as its files are now; waits while it loads, but not for the process after a crash.

        Its code is the same then, and so is its description: `connection` waits for the new process.
        """
        self._ready(waits=False)
        return self.loaded

    @property
    def restarts(self) -> bool:
        """Whether the process crashed, and the one that takes its place has not loaded yet."""
        connection = self._connection
        return self._restarts and connection is not None and not connection.ready.is_set()

    @property
    def changed(self) -> bool:
        """Whether files of the graph are no longer those that were loaded, so that its next use loads them again."""
        with self._lock:
            return self._is_stale()

    @property
    def changes(self) -> Mapping[str, bool]:
        """The files for which its next use loads it again, as its project names them, and whether each is new."""
        return self._changes if self.changed else {}

    def changes_that_ended(self, thread_id: str) -> Mapping[str, bool]:
        """The `changes` for which the process with this thread is, or was, replaced; empty where that is not known."""
        return self._replaced_by if thread_id in self._replaced_threads else self.changes

    def had_thread(self, thread_id: str) -> bool:
        """Whether a run has had this thread in the present process; another one knows no thread kept in memory."""
        connection = self._connection
        there = connection is not None and not connection.ended and thread_id in connection.threads
        return there and not self.changed

    def reload(self) -> None:
        """Load the graph again at its next use: what it lacked may be there now, such as a package."""
        with self._lock:
            self._stale = True

    def connection(self) -> Connection:
        """The process, ready for calls; raises `GraphFailed` with the trouble if the graph cannot be loaded."""
        connection = self._ready()
        if self.loaded.trouble:
            # Some end with a command to copy, which no sentence may follow.
            trouble = self.loaded.trouble
            is_sentence, told = trouble.endswith("."), "a changed file is loaded again" in trouble
            advice = "A changed file is loaded again before the next run." if is_sentence and not told else ""
            raise GraphFailed(trouble, advice=advice)
        return connection

    def rest(self) -> None:
        """End the process when no run is in it; the next use starts another one."""
        with self._lock:
            if self._connection is not None:
                self._old.append(self._connection)
                self._connection.retire()
                self._connection = None

    def close(self) -> None:
        """End the process. Can be repeated."""
        self._closed = True
        for connection in (*self._old, self._connection):
            if connection is not None:
                connection.kill()

    def _ready(self, *, waits: bool = True) -> Connection:
        while True:
            with self._lock:
                if self._closed:
                    raise GraphFailed("The server is closing.")
                connection = self._current()
            if self.restarts and not waits:
                return connection
            finished = connection.ready.wait(LOAD_S)
            # A file that changed meanwhile has replaced it, and what replaces it is waited for too.
            if connection is self._connection:
                break
        trouble = connection.trouble if finished else f"The graph has not loaded within {LOAD_S:g} s."
        description = self.loaded.description
        if connection.description is not None:
            description = description_of(connection.description)
        self.loaded = LoadedGraph(description=description, trouble=trouble)
        return connection

    def _current(self) -> Connection:
        """The connection, a new one if there is none that works with the files as they are."""
        connection = self._connection
        crashed = connection is not None and connection.ended and connection.description is not None
        changed = self._is_stale()
        if connection is not None and not crashed and not changed:
            return connection
        self._restarts = crashed and not changed
        self._files, self._checked_at, self._stale = dict(watched(self.source.folder)), time.monotonic(), False
        changes, self._changes = self._changes, {}
        if connection is not None and not connection.ended:
            self._replaced_by, self._replaced_threads = changes, connection.threads
            # Its runs go on with the code that they began with.
            self._old = [old for old in self._old if not old.ended]
            self._old.append(connection)
            connection.retire()
        self._connection = Connection(self.source)
        return self._connection

    def _is_stale(self) -> bool:
        now = time.monotonic()
        if self._connection is None or now - self._checked_at < CHECK_S:
            return self._stale
        self._checked_at = now
        files, connection, folder = dict(watched(self.source.folder)), self._connection, self.source.folder
        # One that is loading, or could not load, may need any file.
        imported = connection.imported if connection.description is not None else {}
        found = changed_files(imported, connection.sought, self._files, files)
        self._changes = {os.path.relpath(file, folder): file not in self._files for file in found}
        self._stale = self._stale or bool(found)
        return self._stale


def description_of(content: Mapping[str, Any]) -> GraphDescription:
    """The description that the process of a graph has sent."""
    names = GraphDescription.__dataclass_fields__
    known = {name: value for name, value in content.items() if name in names}
    return replace(
        GraphDescription(**known),
        nodes=tuple(NodeDescription(**node) for node in content["nodes"]),
        edges=tuple((str(source), str(target), bool(conditional)) for source, target, conditional in content["edges"]),
        subgraphs=tuple(tuple(map(str, path)) for path in content["subgraphs"]),
        left_out=tuple(map(str, content.get("left_out", ()))),
    )
