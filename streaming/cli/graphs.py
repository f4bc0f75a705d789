"""Which graph a person means in the terminal, and why it cannot be used."""

import re
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from streaming.cli.safe_text import printable
from streaming.core.errors import InputError, NotContinuable, UnknownGraph
from streaming.core.request import GraphSource
from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.own_graphs.sources import OWN_PREFIX, find_sources
from streaming.runtime import thread_moves
from streaming.runtime.known_graphs import KnownGraphs, resolved

if TYPE_CHECKING:
    from streaming.core.run import Run

_FILES = (".py", ".json", ".ipynb")
_ON_A_SERVER = re.compile(r"[^/\\]+@[^@:/\\]+(:\d+)?")
"""The name of a graph of a LangGraph Server, whose port is no name of an object."""


def own_graph(name: str) -> str:
    """The graph in the form of the setting `graph`; empty if it is the name of a graph that is known."""
    if _ON_A_SERVER.fullmatch(name) and not name.endswith(_FILES):
        return ""
    return name if ":" in name or "/" in name or "\\" in name or name.endswith(_FILES) else ""


def own_graphs(names: Iterable[str]) -> str:
    """Those of several graphs that are no known names, in the form of the setting `graph`."""
    return " ".join(dict.fromkeys(filter(None, map(own_graph, names))))


def known_as(loaded: OwnGraphs, name: str) -> str:
    """The name under which this graph is known; of a file with several graphs, that of the first."""
    if not (own := own_graph(name)):
        return name
    wanted = find_sources(own)[0]
    sources = [graph.source for graph in loaded.known()]
    same = (one for one in sources if (one.target, one.attribute) == (wanted.target, wanted.attribute))
    return next((one.name for one in same), name)


def chosen_graph(loaded: OwnGraphs, name: str) -> str:
    """The graph to run: of a `langgraph.json` with several graphs the first one, which stderr tells."""
    if not own_graph(name):
        return name
    first, *others = (graph.name for graph in loaded.known())
    if others:
        print(printable(f"{first} is run, the first of {len(others) + 1}. {name}:NAME runs another."), file=sys.stderr)
    return first


def find_graph(graphs: KnownGraphs, name: str) -> GraphSource:
    """The graph with this name; raises an `InputError` that has the names."""
    try:
        return graphs.find(name)
    except UnknownGraph:
        names = graphs.names()
    if name.startswith(OWN_PREFIX):
        advice = "Name your own graph by its file, path/to/agent.py:graph, or set STREAMING_LAB_GRAPH to that."
        raise InputError(f"There is no graph named “{name}”.", advice=advice)
    near = get_close_matches(name, names, 1)
    advice = f"Did you mean “{near[0]}”?" if near else f"Choose from {', '.join(names)}, or path/to/agent.py:graph."
    raise InputError(f"There is no graph named “{name}”.", advice=advice)


def check_thread(run: "Run") -> None:
    """Raise `NotContinuable` if the thread of this run ended with the process of its graph."""
    try:
        graph = resolved(run.request.graph)
    except UnknownGraph:
        if run.request.model != OWN_MODEL:
            raise
        raise NotContinuable(
            "The graph of this run is not loaded, and without a checkpointer of its own its thread ended with its "
            "process.",
            advice="Run it again, or if it has one, add --graph path/to/agent.py:graph.",
        ) from None
    if isinstance(graph, OwnGraph) and (trouble := graph.process.load().trouble):
        raise NotContinuable(trouble)
    try:
        thread_moves.check_thread(run)
    except NotContinuable:
        raise NotContinuable(
            "The thread of this run ended with its process.", advice="Run it again in a terminal."
        ) from None
