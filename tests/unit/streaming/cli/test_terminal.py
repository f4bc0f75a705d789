"""The command line under a real pseudo-terminal: colours, questions, and Ctrl-C in the middle of an answer."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.support.terminal import Terminal, in_terminal

ROOT = Path(__file__).parents[4]
LAB = [sys.executable, "-m", "streaming"]
TALKER = ROOT / "tests" / "support" / "own_graphs" / "shapes.py"
CTRL_C = b"\x03"


def lab(tmp_path: Path, *arguments: str) -> AbstractContextManager[Terminal]:
    return in_terminal([*LAB, *arguments], cwd=ROOT, STREAMING_LAB_DATA_DIR=str(tmp_path))


@pytest.mark.parametrize(
    ("graph", "stop"),
    [
        ("joke", lambda terminal: terminal.type(CTRL_C)),
        (f"{TALKER}:slow_talker", lambda terminal: terminal.type(CTRL_C)),
        ("joke", Terminal.terminate),
    ],
    ids=["ours", "own", "terminated"],
)
def test_colours_and_a_stop_keeps_the_partial_answer(
    tmp_path: Path, graph: str, stop: Callable[[Terminal], None]
) -> None:
    pace = ["--model", "scripted", "--ttft-ms", "0", "--tokens-per-s", "50", "--tokens", "4000"]
    with lab(tmp_path, "run", "Bees", "--graph", graph, *pace, "--modes", "messages,tasks") as terminal:
        terminal.read_until(b"messages ")
        # A few words of the answer have to be there.
        terminal.read_on(200)
        stop(terminal)
        code = terminal.end()
    assert code == 130, terminal.shown[-2000:]
    assert b"\x1b[" in terminal.shown
    assert b"Figures" in terminal.shown
    assert b"Stopped: the partial answer is kept." in terminal.shown


def test_questions_are_asked_and_answered_and_ctrl_c_leaves_them_for_later(tmp_path: Path) -> None:
    pace = ["--model", "scripted", "--ttft-ms", "0", "--tokens-per-s", "1000"]
    with lab(tmp_path, "run", "Bees", "--graph", "approval", *pace) as terminal:
        _answer(terminal, b"17\n")
        terminal.read_until(b"That is none of them.")
        _answer(terminal, b"1\n")
        _answer(terminal, CTRL_C)
        assert terminal.end() == 130, terminal.shown[-2000:]
    assert b"The run waits for an answer: python -m streaming resume " in terminal.shown
    with lab(tmp_path, "resume", "last") as terminal:
        _answer(terminal, b"1\n")
        _answer(terminal, b"1\n")
        assert terminal.end() == 0, terminal.shown[-2000:]
    assert b"Published" in terminal.shown


def _answer(terminal: Terminal, keys: bytes) -> None:
    """Type this at the next question."""
    terminal.read_until(b"Choose (1 ")
    terminal.read_until(b"): ")
    terminal.type(keys)
