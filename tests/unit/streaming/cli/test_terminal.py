"""The command line under a real pseudo-terminal: colours, questions, and Ctrl-C in the middle of an answer."""

import os
import subprocess
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


@pytest.mark.parametrize("shown", [b"", b"Figures", b"Stopped: "], ids=["at once", "while it draws", "while it closes"])
def test_a_second_ctrl_c_ends_the_program_without_a_stack(tmp_path: Path, shown: bytes) -> None:
    pace = ["--model", "scripted", "--ttft-ms", "0", "--tokens-per-s", "50", "--tokens", "4000"]
    with lab(tmp_path, "run", "Bees", "--graph", "joke", *pace, "--modes", "messages,tasks") as terminal:
        terminal.read_until(b"messages ")
        terminal.read_on(200)
        terminal.type(CTRL_C)
        # The terminal shows what is typed, so the first one has arrived.
        terminal.read_until(shown or b"^C")
        terminal.type(CTRL_C)
        assert terminal.end() == 130, terminal.shown[-2000:]
    assert b"Traceback" not in terminal.shown


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


def test_a_reader_that_has_seen_enough_ends_the_command_without_a_word(tmp_path: Path) -> None:
    pace = ["--model", "scripted", "--ttft-ms", "0", "--tokens-per-s", "2000", "--tokens", "2000"]
    command = [*LAB, "run", "Bees", "--graph", "joke", *pace, "--json"]
    environment = {**os.environ, "STREAMING_LAB_DATA_DIR": str(tmp_path)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 1
    assert told == b""
