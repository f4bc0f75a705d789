"""One description for every graph, and the drawing that the player's panel `diagram` gets of it."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pytest
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver

from graphs import GRAPHS, TECHNIQUES
from graphs.base import CompiledGraph, Graph
from streaming.core.errors import UnknownGraph
from streaming.core.graph_description import GraphDescription, NodeDescription
from streaming.core.request import GraphSource
from streaming.projections.active_nodes import END, START
from streaming.runtime import graph_descriptions
from streaming.runtime.graph_descriptions import describe
from streaming.runtime.known_graphs import KnownGraphs

ALL = GRAPHS | TECHNIQUES


def theirs(description: GraphDescription) -> GraphSource:
    return cast("Any", SimpleNamespace(name="own-graph", module="theirs.py", description=description))


@pytest.mark.parametrize("name", list(ALL))
def test_a_drawing_names_each_node_once_and_each_edge_joins_two_of_them(name: str) -> None:
    about = describe(ALL[name])
    drawing = about.drawing
    nodes = drawing["nodes"]
    assert nodes == [START, *about.node_names, END]
    assert len(set(nodes)) == len(nodes)
    assert {end for source, target, _ in drawing["edges"] for end in (source, target)} == set(nodes)
    read = json.loads(json.dumps(drawing))
    assert [tuple(edge) for edge in read["edges"]] == drawing["edges"]


def test_edges_of_a_choice_are_conditional() -> None:
    assert sorted(describe(TECHNIQUES["agent"]).edges) == [
        (START, "model", False),
        ("model", END, True),
        ("model", "tools", True),
        ("tools", "model", True),
    ]


def test_the_graphs_in_a_graph_are_known_by_the_nodes_that_lead_to_them() -> None:
    assert describe(TECHNIQUES["research"]).subgraphs
    assert describe(GRAPHS["joke"]).subgraphs == ()


def test_simultaneous_first_descriptions_build_a_graph_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Graph] = []
    monkeypatch.setattr(graph_descriptions, "_described", {})
    start = Barrier(4)

    def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
        built.append(graph)
        return GRAPHS["joke"].build(model)

    graph = replace(GRAPHS["joke"], build=build)

    def names(_: int) -> list[str]:
        start.wait()
        return describe(graph).node_names

    with ThreadPoolExecutor(4) as pool:
        assert len({tuple(found) for found in pool.map(names, range(4))}) == 1
    assert len(built) == 1


def test_a_graph_that_runs_elsewhere_describes_itself_also_by_its_name_alone() -> None:
    description = GraphDescription(
        nodes=(NodeDescription(name="b"), NodeDescription(name="a")), edges=((START, "b", False), ("b", "a", True))
    )
    known = KnownGraphs()
    known.load_by(lambda: [theirs(description)])
    assert describe(known.named("own-graph")) == description
    assert description.drawing["nodes"] == [START, "b", "a"], "it has no way to an end"
    with pytest.raises(UnknownGraph):
        describe(known.named("gone"))
