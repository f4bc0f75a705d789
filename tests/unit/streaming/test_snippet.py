"""The code that pages show is complete: it runs as it stands, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from graphs import GRAPHS
from streaming import RunRequest
from streaming.events import MODES, Mode
from streaming.models import ModelSpec, Pace
from streaming.snippet import snippet

ROOT = Path(__file__).parents[3]
PAGES: dict[str, tuple[Mode, ...]] = {mode: (mode,) for mode in MODES}
PAGES |= {"combined": ("updates", "messages", "custom", "tasks"), "checkpoints": ("checkpoints", "messages")}


def request(graph: str, modes: tuple[Mode, ...], model: ModelSpec) -> RunRequest:
    return RunRequest(graph=GRAPHS[graph], model=model, modes=modes, prompt=GRAPHS[graph].examples[0])


@pytest.mark.parametrize("graph", list(GRAPHS))
def test_the_code_of_every_page_runs_on_every_graph(graph: str) -> None:
    quick = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000))
    codes = [snippet(request(graph, modes, quick)) for modes in PAGES.values()]
    # One process for all pages: starting Python costs more than running them.
    program = "import sys\nfor code in sys.stdin.read().split('\\0'):\n    exec(compile(code, 'shown', 'exec'), {})\n"
    done = subprocess.run(
        [sys.executable, "-c", program], input="\0".join(codes), capture_output=True, text=True, cwd=ROOT, timeout=100
    )
    assert done.returncode == 0, done.stderr[-800:]
    printed = {line.split(" ", 1)[0] for line in done.stdout.splitlines()}
    assert set(MODES) - {"custom"} <= printed
    assert ("custom" in printed) == GRAPHS[graph].writes_custom


def test_a_prompt_cannot_break_out_of_the_code() -> None:
    code = snippet(
        RunRequest(graph=GRAPHS["joke"], model=ModelSpec(), modes=("values",), prompt="'''\"; raise SystemExit #")
    )
    compile(code, "shown", "exec")
    assert "raise SystemExit" in code


def test_no_key_is_ever_in_the_code() -> None:
    assert "key" not in snippet(request("joke", ("values",), ModelSpec(provider="openai", model="gpt-4.1-mini")))
