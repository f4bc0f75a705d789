"""Graphs in the environment of their project: the one beside it, and others with an older LangGraph or Python."""

import json
import os
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import pytest

from streaming.core.events import Ended, Token, Updates
from streaming.core.limits import Limits
from streaming.core.request import RunRequest
from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph
from streaming.own_graphs.own_graphs import OwnGraphs
from streaming.runtime.engine import Engine
from tests.support.graphs import events_of, finish
from tests.support.waiting import wait_until

SHAPES = Path(__file__).parents[3] / "support" / "own_graphs" / "shapes.py"
PYTHONS = os.environ.get("GRAPH_PYTHONS", "").split()
NEED_CONTEXT = ("functional", "writing", "asking")
"""Shapes whose async code asks LangGraph for the run, which it finds from Python 3.11 on."""
GRAPH = """
import os
import sys
from typing import TypedDict
from helpers import greeting
from langgraph.graph import START, StateGraph

State = TypedDict("State", {"said": str})
node = lambda state: {"said": f"{greeting()} from {sys.prefix} by {os.environ['THEIR_NAME']}"}
graph = StateGraph(State).add_node("say", node).add_edge(START, "say").compile()
"""


def started(engine: Engine, graph: OwnGraph, **fields: Any) -> Any:
    limits = Limits(runs_per_minute=None)
    return engine.start(
        RunRequest(graph=graph, model=OWN_MODEL, prompt="bees", modes=("messages", "updates"), limits=limits, **fields)
    )


def test_a_project_runs_in_the_environment_beside_its_langgraph_json(engine: Engine, tmp_path: Path) -> None:
    venv.create(tmp_path / ".venv", with_pip=False, symlinks=True)
    [packages] = (tmp_path / ".venv").glob("lib/python*/site-packages")
    # The packages of this environment, by a path: nothing is downloaded.
    (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "helpers.py").write_text("def greeting():\n    return 'Hello'\n")
    (tmp_path / "src" / "agent.py").write_text(GRAPH)
    (tmp_path / "keys.env").write_text("THEIR_NAME=Ada\n")
    settings = {"dependencies": ["."], "graphs": {"agent": "./src/agent.py:graph"}, "env": "keys.env"}
    (tmp_path / "langgraph.json").write_text(json.dumps(settings))
    own = OwnGraphs(str(tmp_path / "langgraph.json"))
    try:
        (graph,) = own.graphs()
        assert graph.trouble == ""
        assert graph.description.interpreter == str(tmp_path / ".venv" / "bin" / "python")
        run = finish(started(engine, graph))
        (update,) = events_of(run, Updates)
        assert update.deltas["say"]["said"] == f"Hello from {tmp_path / '.venv'} by Ada"
    finally:
        own.close()
    assert "THEIR_NAME" not in os.environ


def test_a_node_that_blocks_its_process_stalls_no_run_of_another_graph(engine: Engine) -> None:
    own = OwnGraphs(f"{SHAPES}:deaf {SHAPES}:chat")
    try:
        deaf, chat = own.graphs()
        stuck = started(engine, deaf)
        wait_until(lambda: bool(stuck.events), timeout_s=30)
        free = finish(started(engine, chat))
        assert free.ended.outcome == "completed"
        assert len(events_of(free, Token)) > 3
        assert stuck.ended is None
        stuck.cancel()
        assert finish(stuck).ended.outcome == "cancelled"
    finally:
        own.close()


@pytest.mark.graph_environment
@pytest.mark.skipif(not PYTHONS, reason="make test-environments names other interpreters")
@pytest.mark.parametrize("python", PYTHONS or [sys.executable])
@pytest.mark.parametrize("shape", ["chat", "make_agent", "functional", "nested", "pydantic_state", "writing", "asking"])
def test_a_shape_runs_in_another_environment(engine: Engine, python: str, shape: str) -> None:
    own = OwnGraphs(f"{SHAPES}:{shape}", interpreter=python)
    try:
        (graph,) = own.graphs()
        assert graph.trouble == ""
        assert Path(graph.description.interpreter).parent == Path(python).absolute().parent
        given = {"functional": "bees", "pydantic_state": {"item": "honey"}}.get(shape)
        run = finish(started(engine, graph, input=given))
        if graph.description.python.startswith("3.10") and shape in NEED_CONTEXT:
            assert run.ended.outcome == "failed"
            assert "from Python 3.11 on" in run.ended.advice
            return
        (end,) = events_of(run, Ended)
        assert end.outcome == ("interrupted" if shape == "asking" else "completed"), end.reason
        if shape in ("chat", "make_agent"):
            assert events_of(run, Token)
    finally:
        own.close()
