"""The edges of graphs that run elsewhere, whose code may change while the server runs."""

from types import SimpleNamespace
from typing import Any, cast

from streaming.core.graph_description import GraphDescription
from streaming.core.run import Run
from streaming.runtime.run_facts import GraphEdges


def _run_with(description: GraphDescription) -> Run:
    drawable = SimpleNamespace(
        edges=[SimpleNamespace(source=a, target=b, conditional=c) for a, b, c in description.edges]
    )
    graph = SimpleNamespace(description=description, get_graph=lambda: drawable)
    source = SimpleNamespace(module="theirs.py", name="own-graph", build=lambda _: graph)
    return cast("Any", SimpleNamespace(request=SimpleNamespace(modes=("messages",), graph=source)))


def test_the_edges_are_those_of_the_newest_description() -> None:
    edges = GraphEdges()
    assert edges(_run_with(GraphDescription(edges=(("a", "b", False),)))) == [("a", "b", False)]
    assert edges(_run_with(GraphDescription(edges=(("a", "c", True),)))) == [("a", "c", True)]
