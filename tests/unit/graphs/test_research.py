"""The research graph: graphs within graphs."""

from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.namespaces import NamespaceTree
from streaming.runtime.engine import Engine
from tests.support.graph_runs import run_graph


def test_research_nests_three_graphs(engine: Engine) -> None:
    places = apply_all(NamespaceTree(), run_graph(engine, "research").events).nodes
    assert [(place.name, place.depth) for place in places] == [("(graph)", 0), ("read", 1), ("digest", 2)]
    assert all(place.events for place in places)


def test_without_subgraphs_no_event_of_an_inner_graph_is_streamed(engine: Engine) -> None:
    run = run_graph(engine, "research", subgraphs=False)
    assert [place.name for place in apply_all(NamespaceTree(), run.events).nodes] == ["(graph)"]
    assert {message.node for message in apply_all(Messages(), run.events).answers()} == {"plan", "write"}
