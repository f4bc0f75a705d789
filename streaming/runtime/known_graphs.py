"""The graphs of this app by name: the history stores of a run's graph only its name."""

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.core.errors import UnknownGraph
from streaming.core.request import GraphSource, RunnableGraph, secrets_of
from streaming.core.run import Clock

MISSED_S, FRESH_S = 5.0, 30.0
"""The age from which graphs are loaded again: when one is missing, and when all are listed."""


class KnownGraphs:
    """Finds graphs by their names; what is above the engine says how they are loaded. Safe to use from any thread."""

    def __init__(self, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._load: Callable[[], Iterable[GraphSource]] = tuple
        self._graphs: dict[str, GraphSource] | None = None
        self._loaded_at = 0.0

    def load_by(self, load: Callable[[], Iterable[GraphSource]]) -> None:
        """Load the graphs by this function when one is needed for the first time."""
        with self._lock:
            self._load, self._graphs = load, None

    def find(self, name: str) -> GraphSource:
        """The graph with this name; raises `UnknownGraph`.

        One that is missing is looked for again after some seconds: a server may have been down, or may be new.
        """
        graph = self._loaded(fresh_s=math.inf).get(name) or self._loaded(fresh_s=MISSED_S).get(name)
        if graph is None:
            raise UnknownGraph(
                f"This server has no graph named “{name}”.", advice="Its runs can be read, not continued."
            )
        return graph

    def names(self) -> list[str]:
        """The names of all graphs."""
        return list(self._loaded(fresh_s=FRESH_S))

    def _loaded(self, *, fresh_s: float) -> dict[str, GraphSource]:
        """The graphs by name, loaded again if they are older than this."""
        with self._lock:
            graphs = self._graphs
            if graphs is not None and self._clock() - self._loaded_at <= fresh_s:
                return graphs
            self._loaded_at, load = self._clock(), self._load
            if graphs is None:
                graphs = self._graphs = {graph.name: graph for graph in load()}
                return graphs
        # Without the lock: nobody else waits for a server that does not answer.
        graphs = {graph.name: graph for graph in load()}
        with self._lock:
            self._graphs = graphs
        return graphs

    def named(self, name: str) -> GraphSource:
        """The graph with this name, loaded when it is used."""
        return _NamedGraph(name=name, known=self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _NamedGraph:
    """A graph source that knows its name."""

    name: str
    known: KnownGraphs

    @property
    def module(self) -> str:
        """The importable module with the graph's code."""
        return self.known.find(self.name).module

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys that a graph of the developer's has in its environment; none of a graph that is not here."""
        try:
            return secrets_of(self.known.find(self.name))
        except UnknownGraph:
            # A run reads its keys before anything else, and `build` has to say that there is no such graph.
            return ()

    def build(self, model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> RunnableGraph:
        """The compiled graph."""
        return self.known.find(self.name).build(model, checkpointer=checkpointer)

    def to_input(self, prompt: str, /) -> Any:
        """The graph's input for this prompt."""
        return self.known.find(self.name).to_input(prompt)


def resolved(source: GraphSource) -> GraphSource:
    """The graph itself where a run of the history has its name only; raises `UnknownGraph`."""
    return source.known.find(source.name) if isinstance(source, _NamedGraph) else source
