"""The code that pages show is complete: it runs as it stands, in a process of its own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graphs import GRAPHS, TECHNIQUES
from graphs.base import Graph
from streaming import APIS, RunRequest
from streaming.events import MODES, Mode
from streaming.models import ModelSpec
from streaming.snippet import snippet
from tests.unit.streaming.graphs_for_tests import QUICK

ROOT = Path(__file__).parents[3]
PAGES: dict[str, tuple[Mode, ...]] = {mode: (mode,) for mode in MODES}
PAGES |= {"combined": ("updates", "messages", "custom", "tasks"), "checkpoints": ("checkpoints", "messages")}


def request(graph: str, modes: tuple[Mode, ...], model: ModelSpec) -> RunRequest:
    return RunRequest(graph=GRAPHS[graph], model=model, modes=modes, prompt=GRAPHS[graph].examples[0])


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_code_of_every_page_runs_on_every_graph(graph: str) -> None:
    codes = [snippet(request(graph, modes, QUICK)) for modes in PAGES.values()]
    lines = executed(codes).splitlines()
    printed = {line.split(" ", 1)[0] for line in lines}
    assert set(MODES) - {"custom"} <= printed
    assert ("custom" in printed) == GRAPHS[graph].writes_custom


def executed(codes: list[str]) -> str:
    """What these scripts print, run in one process: starting Python costs more than running them."""
    program = "import sys\nfor code in sys.stdin.read().split('\\0'):\n    exec(compile(code, 'shown', 'exec'), {})\n"
    done = subprocess.run(
        [sys.executable, "-c", program], input="\0".join(codes), capture_output=True, text=True, cwd=ROOT, timeout=100
    )
    assert done.returncode == 0, done.stderr[-800:]
    return done.stdout


def test_the_code_of_every_technique_page_runs() -> None:
    def asked(graph: Graph, **fields: Any) -> RunRequest:
        modes = ("messages", "updates", "custom", "tools")
        return RunRequest(graph=graph, model=QUICK, modes=modes, prompt=graph.examples[0], **fields)

    waits = {"order": "gather", "extra_ms": {"ux": 5}, "broken": "ux", "fault": "fail"}
    codes = [
        *[snippet(asked(GRAPHS["chat"], api=api)) for api in APIS],
        snippet(asked(TECHNIQUES["retrieval"], context=waits)),
        snippet(asked(TECHNIQUES["agent"])),
        snippet(asked(TECHNIQUES["research"], subgraphs=False)),
        snippet(asked(TECHNIQUES["briefing"])),
        snippet(asked(TECHNIQUES["approval"]), answering=True),
        snippet(asked(TECHNIQUES["approval"], breakpoints=("draft", "publish")), answering=True),
    ]
    printed = executed(codes)
    assert "the end:" in printed, "v3, typed"
    assert "tool-finished" in printed
    assert printed.count("'published'") == 2, "both went on to the end"


def test_a_prompt_cannot_break_out_of_the_code() -> None:
    code = snippet(
        RunRequest(graph=GRAPHS["joke"], model=ModelSpec(), modes=("values",), prompt="'''\"; raise SystemExit #")
    )
    compile(code, "shown", "exec")
    assert "raise SystemExit" in code


def test_no_key_is_ever_in_the_code() -> None:
    assert "key" not in snippet(request("joke", ("values",), ModelSpec(provider="openai", model="gpt-4.1-mini")))
