"""What a notebook shows of a run, and the notebook that a page hands over."""

import ast
import json

import pytest

from graphs import GRAPHS
from streaming.analysis.code_snippet import project_script, python_script
from streaming.analysis.notebook_file import notebook_of
from streaming.core.events import Ended, LogEntry, Token
from streaming.core.request import RunRequest
from streaming.notebook import RunDisplay, display
from streaming.recordings.format import Header, Recording
from tests.support.graphs import QUICK

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


@pytest.mark.parametrize("script", [project_script(REQUEST), python_script(REQUEST)])
def test_the_notebook_has_the_shape_of_nbformat_and_awaits_the_program(script: str) -> None:
    notebook = json.loads(notebook_of(script, title="Joke"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    (code,) = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code.rstrip().endswith("await main()")
    compile(code, "notebook", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


async def test_the_code_of_the_notebook_runs_where_a_loop_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = json.loads(notebook_of(python_script(REQUEST), title=""))["cells"][1]["source"]
    await eval(compile(code, "notebook", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), {})
    assert "messages" in capsys.readouterr().out
