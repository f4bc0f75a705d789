"""What the process of a graph wrote last is told without its keys."""

import queue
import venv
from pathlib import Path

import pytest

from streaming.own_graphs.connection import Connection, Frame
from streaming.own_graphs.sources import Source, find_sources
from tests.support.provider_runs import KEY
from tests.support.waiting import wait_until

ECHO = """
from langgraph.func import entrypoint

@entrypoint()
def graph(text: str) -> str:
    return text
"""


@pytest.mark.parametrize("before", [0, 10, 3_985, 3_990, 3_999, 7_990])
def test_a_key_is_told_neither_whole_nor_in_part_wherever_a_long_line_is_cut(tmp_path: Path, before: int) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nread -r order\nprintf '%{before}s{KEY}\\nlast words\\n' '' >&2\nexit 3\n")
    program.chmod(0o700)
    source = Source(
        name="mine",
        target="x.py",
        attribute="graph",
        folder=tmp_path,
        interpreter=str(program),
        variables={"MY_API_KEY": KEY},
    )
    connection = Connection(source)
    assert connection.ready.wait(20)
    assert "exit code 3" in connection.epitaph()
    assert "last words" in connection.epitaph()
    assert not [part for part in (KEY[:8], KEY[-8:]) if part in connection.epitaph()]


@pytest.mark.parametrize(("says", "told"), [("", True), ("echo no such module >&2", False)])
def test_a_program_that_is_no_python_is_named_unless_it_says_itself_what_is_wrong(
    tmp_path: Path, says: str, told: bool
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\nread -r order\n{says}\n")
    program.chmod(0o700)
    connection = Connection(
        Source(name="mine", target="x.py", attribute="graph", folder=tmp_path, interpreter=str(program))
    )
    assert connection.ready.wait(20)
    assert "ended with exit code 0." in connection.trouble
    assert (f"{program} seems to be no Python" in connection.trouble) == told


def test_a_process_that_was_killed_takes_no_more_calls_though_it_is_not_gone_yet(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("graph = 1")
    connection = Connection(find_sources(f"{tmp_path}/agent.py:graph")[0])
    assert not connection.ended
    connection.kill()
    assert connection.ended, "the next run starts a new process"
    assert connection.ready.wait(20)


def test_a_process_that_another_one_replaces_ends_after_the_call_that_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.own_graphs.connection.RETIRED_S", 0.0)
    (tmp_path / "agent.py").write_text(ECHO)
    connection = Connection(find_sources(f"{tmp_path}/agent.py:graph")[0])
    assert connection.ready.wait(60)
    assert not connection.trouble
    frames: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    config = {"configurable": {"thread_id": "1"}}
    connection.open_call("invoke", frames.put, input="bees", config=config, options={})
    connection.retire()
    assert frames.get(timeout=20)["result"] == "bees", "its run goes on"
    wait_until(lambda: connection.ended)


def test_an_environment_without_langgraph_that_nobody_named_says_why_it_is_this_one(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(ECHO)
    venv.create(tmp_path / "venv", with_pip=False)
    connection = Connection(find_sources(f"{tmp_path}/agent.py:graph")[0])
    assert connection.ready.wait(60)
    assert connection.trouble.startswith(
        "Its interpreter is that of the folder venv beside it; PYTHON_OF_GRAPH names another. "
        "The environment of the graph has no LangGraph. Install it: "
    )
