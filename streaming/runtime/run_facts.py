"""Facts of a run that no single event states: its fields, its answering model, and the edges of its graph."""

from collections.abc import Mapping

from streaming.core.errors import UnknownGraph
from streaming.core.events import Fallback
from streaming.core.graph_description import Edge
from streaming.core.model_spec import ModelSpec
from streaming.core.request import HasDescription
from streaming.core.run import Run
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.recordings.format import header_of
from streaming.recordings.playable import about_recording

_REPORTS_NODES = frozenset({"tasks", "debug"})


def about_run(run: Run) -> Mapping[str, object]:
    """The fields of a run that are in no event; none of them is secret."""
    return about_recording(header_of(run.id, run.created_at, run.request))


def answering_model(run: Run) -> ModelSpec:
    """The model of the run's last answer: the requested one, or the fallback model once it has taken over."""
    fell_back = any(isinstance(entry.event, Fallback) and entry.event.to for entry in run.events)
    return run.request.fallback_model or run.request.model if fell_back else run.request.model


class GraphEdges:
    """The edges of a run's graph, from which the running nodes are derived if no mode reports them."""

    def __init__(self) -> None:
        self._edges_of: dict[tuple[str, str], list[Edge]] = {}

    def __call__(self, run: Run) -> list[Edge]:
        """The edges, empty if a mode of the run reports its nodes; a graph of this process is built once."""
        if _REPORTS_NODES & set(run.request.modes):
            return []
        source = run.request.graph
        try:
            key = source.module, source.name
        except UnknownGraph:
            return []
        if key not in self._edges_of:
            graph = source.build(ScriptedChatModel())
            if isinstance(graph, HasDescription):
                # Not kept: its code may change while the server runs.
                return list(graph.description.edges)
            drawable = graph.get_graph()
            self._edges_of[key] = [(edge.source, edge.target, edge.conditional) for edge in drawable.edges]
        return self._edges_of[key]
