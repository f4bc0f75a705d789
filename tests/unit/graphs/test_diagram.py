"""What the player's panel `diagram` is given for each graph."""

import json

import pytest

from graphs import GRAPHS, TECHNIQUES
from graphs.diagram import diagram_settings, drawer, nodes_of
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
