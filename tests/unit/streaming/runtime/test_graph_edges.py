"""The edges of graphs that run elsewhere, whose code may change while the server runs."""

from types import SimpleNamespace
from typing import Any, cast

from streaming.core.graph_description import GraphDescription
from streaming.core.run import Run
from streaming.runtime.run_facts import edges_of


def _run_with(description: GraphDescription) -> Run:
    source = SimpleNamespace(module="theirs.py", name="own-graph", description=description)
    return cast("Any", SimpleNamespace(request=SimpleNamespace(modes=("messages",), graph=source)))


def test_the_edges_are_those_of_the_newest_description() -> None:
    assert list(edges_of(_run_with(GraphDescription(edges=(("a", "b", False),))))) == [("a", "b", False)]
    assert list(edges_of(_run_with(GraphDescription(edges=(("a", "c", True),))))) == [("a", "c", True)]
