"""The process of one graph over time: started when it is needed, and again after a crash or a change of its files."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streaming.core.errors import GraphFailed
from streaming.core.graph_description import GraphDescription, NodeDescription
from streaming.own_graphs.connection import LOAD_S, Connection
from streaming.own_graphs.project_files import Times, concerns, watched
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
            self._stale = self._stale or (self._connection is not None and self._changed())
            return self._stale

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
            is_sentence = self.loaded.trouble.endswith(".")
            advice = "A changed file is loaded again before the next run." if is_sentence else ""
            raise GraphFailed(self.loaded.trouble, advice=advice)
        return connection

    def rest(self) -> None:
        """End the process unless a run is in it; the next use starts it again."""
        with self._lock:
            if self._connection is not None and not self._connection.busy:
                self._connection.kill()
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
        changed = self._stale or self._changed()
        if connection is not None and not crashed and not changed:
            return connection
        self._restarts = crashed and not changed
        self._files, self._checked_at, self._stale = dict(watched(self.source.folder)), time.monotonic(), False
        if connection is not None and not connection.ended:
            # Its runs go on with the code that they began with.
            self._old = [old for old in self._old if not old.ended]
            if connection.busy:
                self._old.append(connection)
            else:
                connection.kill()
        self._connection = Connection(self.source)
        return self._connection

    def _changed(self) -> bool:
        now = time.monotonic()
        if now - self._checked_at < CHECK_S:
            return False
        self._checked_at = now
        files, connection = dict(watched(self.source.folder)), self._connection
        # One that is loading, or could not load, may need any file.
        imported = connection.imported if connection is not None and connection.description is not None else {}
        return concerns(imported, self._files, files)


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
