"""The diagram of a graph, and what the player's panel `diagram` is given for each."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import StateGraph

from graphs import GRAPHS, TECHNIQUES, diagram
from graphs.base import CompiledGraph, Graph
from graphs.diagram import diagram_settings, drawer, mermaid, nodes_of
from streaming.projections.active_nodes import END, START

ALL = GRAPHS | TECHNIQUES


@pytest.mark.parametrize("name", list(ALL))
def test_the_settings_name_each_node_once_and_each_edge_joins_two_of_them(name: str) -> None:
    settings = diagram_settings(ALL[name])

    nodes = settings["nodes"]
    assert len(set(nodes)) == len(nodes)
    assert set(nodes) == {START, END, *nodes_of(ALL[name])}
    assert {end for source, target, _ in settings["edges"] for end in (source, target)} == set(nodes)
    assert settings["edges"] == drawer(ALL[name]).edges


@pytest.mark.parametrize("name", list(ALL))
def test_the_settings_survive_the_way_to_the_browser(name: str) -> None:
    settings = diagram_settings(ALL[name])

    read = json.loads(json.dumps(settings))

    assert read["nodes"] == settings["nodes"]
    assert [tuple(edge) for edge in read["edges"]] == settings["edges"]
    assert all(type(conditional) is bool for _, _, conditional in settings["edges"])


def test_edges_of_a_choice_are_conditional() -> None:
    edges = diagram_settings(TECHNIQUES["agent"])["edges"]

    assert sorted(edges) == [
        (START, "model", False),
        ("model", END, True),
        ("model", "tools", True),
        ("tools", "model", True),
    ]


@pytest.mark.parametrize("name", list(GRAPHS))
def test_the_diagram_names_every_node_and_highlights_the_running_one(name: str) -> None:
    nodes = nodes_of(GRAPHS[name])
    dark, lit = drawer(GRAPHS[name])(()), drawer(GRAPHS[name])((nodes[0],))
    assert all(node in dark for node in nodes)
    assert "style" not in dark
    assert f"style {nodes[0]} " in lit


def test_simultaneous_first_diagrams_compile_a_graph_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[Graph] = []
    monkeypatch.setattr(diagram, "_compiled_graphs", {})
    start = Barrier(4)

    def build(model: BaseChatModel, *, checkpointer: BaseCheckpointSaver[Any] | None = None) -> CompiledGraph:
        compiled.append(graph)
        return GRAPHS["joke"].build(model)

    graph = replace(GRAPHS["joke"], build=build)

    def names(_: int) -> list[str]:
        start.wait()
        return diagram.nodes_of(graph)

    with ThreadPoolExecutor(4) as pool:
        assert len({tuple(found) for found in pool.map(names, range(4))}) == 1
    assert len(compiled) == 1


def test_node_names_of_any_kind_make_a_flowchart_that_mermaid_can_read() -> None:
    names = ["write post", "Check (twice)", 'say "hi"', "a[b]", "graph", "End", "Überprüfen", "x;y", "n#1", "plain"]
    builder = StateGraph(dict)
    builder.add_sequence([(name, lambda state: state) for name in names])
    builder.add_edge(START, names[0])

    lines = [line.strip() for line in mermaid(builder.compile(), highlighted=["graph"]).splitlines()[2:]]

    shapes = [line for line in lines if "-->" not in line and not line.startswith(("style", "n_"))]
    assert shapes[-1] == "plain[plain]"
    assert all(re.fullmatch(r'node_\d+\["(?:[^";#]|#\d+;)*"\]', shape) for shape in shapes[:-1]), shapes
    edges = [line for line in lines if "-->" in line]
    assert all(re.fullmatch(r"\w+ --> \w+", edge) for edge in edges), edges
    assert [line.split(" ")[1] for line in lines if line.startswith("style")] == ["node_5"]
