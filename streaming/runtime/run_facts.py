"""Facts of a run that no single event states: its fields, its answering model, and the edges of its graph."""

from collections.abc import Mapping, Sequence

from streaming.core.errors import UnknownGraph
from streaming.core.events import Fallback
from streaming.core.graph_description import Edge
from streaming.core.model_spec import ModelSpec
from streaming.core.run import Run
from streaming.recordings.format import header_of
from streaming.recordings.playable import about_recording
from streaming.runtime.graph_descriptions import describe

_REPORTS_NODES = frozenset({"tasks", "debug"})


def about_run(run: Run) -> Mapping[str, object]:
    """The fields of a run that are in no event; none of them is secret."""
    return about_recording(header_of(run.id, run.created_at, run.request))


def answering_model(run: Run) -> ModelSpec:
    """The model of the run's last answer: the requested one, or the fallback model once it has taken over."""
    fell_back = any(isinstance(entry.event, Fallback) and entry.event.to for entry in run.events)
    return run.request.fallback_model or run.request.model if fell_back else run.request.model


def edges_of(run: Run) -> Sequence[Edge]:
    """The edges of the run's graph, from which the running nodes are derived; empty if a mode of it reports them."""
    if _REPORTS_NODES & set(run.request.modes):
        return ()
    try:
        return describe(run.request.graph).edges
    except UnknownGraph:
        return ()
