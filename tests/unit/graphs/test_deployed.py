"""The graphs as a LangGraph Server loads them."""

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from langgraph.graph.state import CompiledStateGraph

from graphs import ALL, deployed
from streaming.providers.scripted.model import ScriptedChatModel

ROOT = Path(__file__).parents[3]


def test_every_graph_is_deployed_with_what_it_does() -> None:
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
    deployed_graphs = {name: entry["description"] for name, entry in config["graphs"].items()}
    assert deployed_graphs == {graph.name: graph.summary for graph in ALL}, (
        "List each graph of graphs/__init__.py in langgraph.json, with its summary as the description."
    )
    for name, entry in config["graphs"].items():
        path, _, variable = entry["path"].partition(":")
        assert (ROOT / path).resolve() == Path(deployed.__file__)
        assert isinstance(getattr(deployed, variable), CompiledStateGraph), name


def test_a_graph_that_is_added_as_the_readme_says_can_be_deployed(tmp_path: Path) -> None:
    added = tmp_path / "graphs"
    shutil.copytree(ROOT / "graphs", added, ignore=shutil.ignore_patterns("__pycache__"))
    text = (added / "joke.py").read_text(encoding="utf-8")
    assert text.count('name="joke"') == 1
    (added / "limerick.py").write_text(text.replace('name="joke"', 'name="limerick"'), encoding="utf-8")
    listed = (added / "__init__.py").read_text(encoding="utf-8")
    listed = listed.replace("import agent,", "import limerick, agent,").replace(
        "(joke.GRAPH,", "(joke.GRAPH, limerick.GRAPH,"
    )
    (added / "__init__.py").write_text(listed, encoding="utf-8")
    code = "from graphs.deployed import limerick; print(*limerick.nodes)"
    where = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=where, capture_output=True, text=True)
    assert "generate_joke" in run.stdout, run.stderr


def test_a_deployed_graph_has_no_checkpointer_because_the_server_brings_its_own() -> None:
    assert vars(deployed)["chat"].checkpointer is None


async def test_the_scripted_model_answers_unless_another_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    state = await vars(deployed)["joke"].ainvoke({"topic": "cats"})
    assert state["joke"]
    monkeypatch.setenv(deployed.MODEL_VARIABLE, "openai:gpt-4.1-mini")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-of-the-deployed-graphs")
    try:
        module = importlib.reload(deployed)
        assert not isinstance(module._answers, ScriptedChatModel)
    finally:
        monkeypatch.undo()
        importlib.reload(deployed)
