"""What a notebook shows of a run, and the notebook that a page hands over."""

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graphs import GRAPHS, TECHNIQUES
from graphs.base import Graph
from streaming.analysis.code_snippet import project_script, python_script
from streaming.analysis.notebook_file import notebook_of
from streaming.core.events import Ended, LogEntry, Token
from streaming.core.request import APIS, Api, RunRequest
from streaming.notebook import RunDisplay, display
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.recordings.export import export_recording
from streaming.recordings.format import Header, Recording
from tests.support.graphs import QUICK
from tests.support.own_graphs.graphs_in_process import InProcess, in_process

REQUEST = RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=("messages",), prompt="Bees")


def hostile() -> Recording:
    token = Token(ns=(), message_id="a", node="<b>node", role="ai", text="<script>x</script>\x1b[31m")
    events = [LogEntry(seq=0, t=0.1, event=token), LogEntry(seq=1, t=0.2, event=Ended(outcome="completed"))]
    header = Header(run_id="r", created_at="", graph="g", provider="scripted", model="m", modes=("messages",))
    return Recording(header=header, events=events)


def test_the_html_is_escaped_and_has_figures() -> None:
    html = RunDisplay(hostile())._repr_html_()
    assert "<script" not in html
    assert "<b>node" not in html
    assert "&lt;script&gt;x" in html
    assert "TTFT" in html


def test_text_has_no_terminal_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("streaming.notebook.find_spec", lambda _: None)
    display(hostile())
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "E2E latency: 200.0 ms" in printed


def test_a_file_is_a_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("streaming.notebook.find_spec", lambda _: None)
    file = tmp_path / "run.jsonl"
    file.write_bytes(export_recording(hostile()))
    display(str(file))
    assert "E2E latency: 200.0 ms" in capsys.readouterr().out


@pytest.mark.parametrize("script", [project_script(REQUEST), python_script(REQUEST)])
def test_the_notebook_has_the_shape_of_nbformat_and_awaits_the_program(script: str) -> None:
    notebook = json.loads(notebook_of(script, title="Joke"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    (code,) = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code.rstrip().endswith("await main()")
    compile(code, "notebook", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def run_notebook(script: str) -> None:
    """Run the cell as a kernel does: a new namespace, and an event loop that runs already."""
    code = json.loads(notebook_of(script, title=""))["cells"][1]["source"]
    done = eval(compile(code, "notebook", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {"__name__": "__main__"})
    await done


@pytest.mark.parametrize("graph", [*GRAPHS.values(), *(TECHNIQUES[name] for name in ("agent", "approval", "research"))])
async def test_the_notebook_of_a_page_runs_where_a_loop_runs(capsys: pytest.CaptureFixture[str], graph: Graph) -> None:
    request = RunRequest(graph=graph, model=QUICK, modes=("messages", "values"), prompt=graph.examples[0])
    await run_notebook(python_script(request, answering=graph.name == "approval"))
    assert "messages" in capsys.readouterr().out


@pytest.mark.parametrize("api", APIS)
async def test_the_notebook_of_each_api_runs_where_a_loop_runs(capsys: pytest.CaptureFixture[str], api: Api) -> None:
    await run_notebook(python_script(replace(REQUEST, api=api)))
    assert capsys.readouterr().out


OWN = """
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import interrupt

class Reader(TypedDict):
    user: str

class State(TypedDict):
    topic: str

def draft(state: State, runtime: Runtime[Reader], config) -> dict:
    return {"topic": f"For {runtime.context['user']} in {config['configurable']['tone']}"}

builder = StateGraph(State, context_schema=Reader).add_node(draft).add_edge(START, "draft")

def ask(state: State) -> dict:
    return {"topic": interrupt("Which one?")}

asks = StateGraph(State).add_node(ask).add_edge(START, "ask").compile()
"""


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    """The graphs of a file in a project of the reader's."""
    (tmp_path / "drafts_of_theirs.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    with in_process(tmp_path / "drafts_of_theirs.py") as opened:
        yield opened
    sys.modules.pop("drafts_of_theirs")


async def test_the_notebook_of_a_graph_of_the_readers_own_runs_with_its_context_and_config(
    drafts: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"context": {"user": "Marta"}, "configurable": {"tone": "blue"}}
    request = RunRequest(graph=drafts.open("builder"), model=OWN_MODEL, modes=("values",), prompt="bees", **given)
    script = project_script(request)
    sys.modules.pop("drafts_of_theirs")
    await run_notebook(script)
    assert "For Marta in blue" in capsys.readouterr().out


async def test_the_notebook_of_a_graph_of_the_readers_own_answers_its_question(
    drafts: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    request = RunRequest(graph=drafts.open("asks"), model=OWN_MODEL, modes=("values",), prompt="bees")
    script = project_script(request, answering=True)
    sys.modules.pop("drafts_of_theirs")
    await run_notebook(script)
    assert "{'topic': 'Good, publish it.'}" in capsys.readouterr().out
