"""What a graph may send at once, and what becomes of a run that sends more."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from streaming.core import json_limits
from streaming.core.request import RunRequest
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.own_graphs.worker import limits
from streaming.own_graphs.worker.limits import trouble_of
from streaming.runtime.engine import Engine
from tests.support.graphs import finish

GRAPH = """
from typing import Any, TypedDict
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph

class State(TypedDict, total=False):
    prompt: str
    values: Any

def fill(state):
    get_stream_writer()("before")
    return {"values": "x" * 25_000_000}

made = StateGraph(State).add_node("fill", fill).add_edge(START, "fill").add_edge("fill", END)
graph = made.compile()
"""


def test_the_limits_are_those_of_any_json() -> None:
    assert (limits.MAX_CONTAINERS, limits.MAX_VALUES) == (json_limits.MAX_CONTAINERS, json_limits.MAX_VALUES)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (["["] * 250_000, ""),
        ("[{,\\" * 400_000, ""),
        ("x" * limits.MAX_BYTES, "25 MB"),
        ([[]] * (limits.MAX_CONTAINERS + 1), f"{limits.MAX_CONTAINERS:,} objects and lists"),
        ([1] * (limits.MAX_VALUES + 2), f"{limits.MAX_VALUES:,} items"),
    ],
    ids=["texts", "one text", "bytes", "lists", "numbers"],
)
def test_a_value_that_is_too_large_is_told(value: object, says: str) -> None:
    trouble = trouble_of(json.dumps(value).encode())
    assert says in trouble
    assert bool(trouble) == bool(says)


def test_a_run_with_such_a_value_ends_with_a_reason_and_one_that_does_not_show_it_completes(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text(GRAPH)
    with closing(OwnGraphs(f"{tmp_path}/large.py:graph")) as own, closing(Engine()) as engine:
        (graph,) = own.graphs()
        assert graph.trouble == ""
        ends = []
        for modes in (("custom", "updates"), ("custom",)):
            run = finish(engine.start(RunRequest(graph=graph, model=OWN_MODEL, prompt="x", modes=modes)))  # type: ignore[arg-type]
            assert run.ended is not None
            ends.append((run.status, run.ended.reason, [entry.event.kind for entry in run.events]))
    assert ends[0][0] == "Failed"
    assert "25 MB" in ends[0][1]
    assert "custom" in ends[0][2], "what came before is kept"
    assert ends[1][:2] == ("Completed", "")
