"""A graph of the developer's own in the terminal: its input, its prompt, its diagnosis, and a thread that was lost."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from typer.testing import CliRunner

from streaming.cli.app import app
from streaming.cli.entry import Entry
from streaming.services import Services
from tests.support.services import Configure

ASKS = """
import time
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

class State(TypedDict, total=False):
    topic: str
    count: int

async def work(state):
    if state["topic"] == "broken":
        raise ValueError("no such topic")
    if state["topic"] == "slow":
        return compute()
    return {"topic": interrupt("How many? " + str(state.get("count")))}

def compute():
    until = time.perf_counter() + 0.5
    while time.perf_counter() < until:
        sum(range(100))

graph = StateGraph(State).add_node("work", work).add_edge(START, "work").compile()
"""


def invoking(services: Services) -> Callable[..., Any]:
    entry = Entry(load_graphs=lambda: import_module("graphs").ALL, services=services)
    return lambda *arguments: CliRunner().invoke(app, list(arguments), obj=entry)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a graph that asks."""
    file = tmp_path / "asks.py"
    file.write_text(ASKS)
    return file


def test_a_run_that_pauses_before_a_node_says_that_it_asks_nothing(configure: Configure, file: Path) -> None:
    file.write_text(ASKS.replace(".compile()", '.compile(interrupt_before=["work"])'))
    services = configure(graph=f"{file}:graph")
    paused = invoking(services)("run", "Bees", "--graph", services.own_graphs.known()[0].name)
    assert paused.exit_code == 0, paused.output
    assert "The run has paused before a step, and asks nothing" in paused.stderr
    assert "waits for an answer" not in paused.stderr


def test_input_is_json_a_failing_node_is_named_and_a_lost_thread_is_refused(
    configure: Configure, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = configure(graph=f"{file}:graph")
    name, invoke = services.own_graphs.known()[0].name, invoking(services)

    failed = invoke("run", "broken", "--graph", name)
    assert failed.exit_code == 1
    assert f"no such topic (node “work”, {file}, line 13)" in failed.stderr
    slow = invoke("run", "slow", "--graph", name)
    assert "“work” is async and held the event loop" in slow.stdout
    assert f"({file}, line 2" in slow.stdout, "no rule knows this code: its process has measured it"
    services.run_writer.flush()
    later = invoking(configure(graph=""))("diagnose", "last")
    said = next(line for line in later.stdout.splitlines() if "held the event loop" in line)
    assert said in slow.stdout, "the measure is kept with the run: a new process says the same"
    wrong = invoke("run", "--graph", name, "--input", '{"topic": "Bees", "count": "three"}')
    assert wrong.exit_code == 2
    assert "count: 'three' is not of type 'integer'" in wrong.stderr
    filled = invoke("run", "--graph", name, "--input", '{"topic": "Bees", "count": 3}', "--json")
    assert "How many? 3" in filled.stdout
    assert "ends now: run it in a terminal." in filled.stderr
    with monkeypatch.context() as terminal:
        terminal.setattr("streaming.cli.running.can_ask", lambda: True)
        terminal.setattr("streaming.cli.asking._read", Mock(side_effect=EOFError))
        left = invoke("run", "--graph", name, "--input", '{"topic": "Bees", "count": 3}')
    assert "ends now: run it again, and answer then." in left.stderr
    told = invoke("run", "Bees", "--graph", name)
    assert told.exit_code == 0, told.output
    assert told.stderr.startswith("The prompt is the input's “topic”. --input '{…}' gives count too.")

    services.run_writer.flush()
    here = invoking(configure(graph=f"{file}:graph"))("resume", "last", "--answer", "yes")
    elsewhere = invoking(configure(graph=""))("resume", "last", "--answer", "yes")
    assert (here.exit_code, elsewhere.exit_code) == (1, 1)
    assert "The thread of this run ended with its process. Run it again in a terminal." in here.stderr
    assert "its thread ended with its process. Run it again" in elsewhere.stderr


def test_of_several_graphs_the_first_is_run_and_named(
    configure: Configure, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = tmp_path / "langgraph.json"
    several.write_text('{"graphs": {"one": "./asks.py:graph", "two": "./asks.py:graph"}}')
    ran = invoking(configure(graph=str(several)))("run", "Bees", "--graph", str(several))
    assert f"own-one is run, the first of 2. {several}:NAME runs another." in ran.stderr
    lone = invoking(configure(graph=f"{several}:two"))("run", "Bees", "--graph", f"{several}:two")
    assert "is run, the first of" not in lone.stderr


def test_a_wrong_path_in_the_setting_is_said_and_takes_no_other_graph_away(configure: Configure, file: Path) -> None:
    services = configure(graph=f"./missing.py:graph {file}:graph")
    listed = invoking(services)("graphs")
    assert listed.exit_code == 0, listed.output
    assert services.own_graphs.known()[0].name in listed.stdout
    assert "joke" in listed.stdout
    assert "there is no file" in listed.stderr


def test_the_doctor_loads_the_graphs_of_the_setting(configure: Configure, file: Path) -> None:
    broken = file.with_name("broken.py")
    broken.write_text("import not_installed_by_anybody\ngraph = None\n")
    checked = invoking(configure(graph=f"./missing.py:graph {file}:graph {broken}:graph"))("doctor")
    assert checked.exit_code == 1
    lines = checked.stdout.splitlines()
    assert any(line.startswith("FAILED  Your graphs: GRAPH: there is no file") for line in lines)
    assert f"ok      Graph own-asks-graph: {file}:graph is loaded" in lines
    assert any(line.startswith("FAILED  Graph own-broken-graph: ") and "not_installed" in line for line in lines)


def test_a_graph_of_ones_own_that_no_setting_names_is_asked_for_by_its_file(configure: Configure) -> None:
    refused = invoking(configure(graph=""))("run", "Bees", "--graph", "own-asks-graph")
    assert refused.exit_code == 2
    assert "by its file, path/to/agent.py:graph, or set STREAMING_LAB_GRAPH" in refused.stderr


def refusal_of(graph: str) -> str:
    """The sentence with which a command refuses `--graph`."""
    entry = Entry(load_graphs=lambda: import_module("graphs").ALL)
    try:
        refused = CliRunner().invoke(app, ["run", "Bees", "--graph", graph], obj=entry)
    finally:
        entry.close()
    assert refused.exit_code == 2
    return refused.stderr


def test_a_wrong_path_of_a_command_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(tmp_path))
    assert refusal_of("./missing.py:graph").startswith("--graph: there is no file")


def test_a_wrong_interpreter_is_named_by_its_own_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: Path
) -> None:
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("STREAMING_LAB_PYTHON_OF_GRAPH", "/nope")
    assert refusal_of(f"{file}:graph").startswith("PYTHON_OF_GRAPH: there is no interpreter")


def test_two_graphs_of_files_are_compared_without_a_setting_that_names_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STREAMING_LAB_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("STREAMING_LAB_GRAPH", raising=False)
    files = [tmp_path / name / "says.py" for name in ("one", "two and more")]
    for file in files:
        file.parent.mkdir()
        file.write_text(ASKS.replace('interrupt("How many? " + str(state.get("count")))', f'"{file.parent.name}"'))
    entry = Entry(load_graphs=lambda: import_module("graphs").ALL)
    arguments = ["compare", f"graph={files[1]}:graph", "modes=updates", "--graph", f"{files[0]}:graph", "-p", "Bees"]
    try:
        result = CliRunner().invoke(app, arguments, obj=entry)
        assert result.exit_code == 0, result.output
        assert entry.services is not None
        ran = [run.request.graph.module for run in entry.services.engine.registry.runs()]
    finally:
        entry.close()
    assert ran == [str(file) for file in reversed(files)]


GREETS = """
from dataclasses import dataclass
from typing import TypedDict
from langgraph.graph import START, StateGraph
from langgraph.runtime import Runtime

@dataclass
class Reader:
    user: str

State = TypedDict("State", {"topic": str})

def greet(state, runtime: Runtime[Reader], config):
    return {"topic": f"Hello {runtime.context.user} in {config['configurable'].get('tone')}"}

graph = StateGraph(State, context_schema=Reader).add_node("greet", greet).add_edge(START, "greet").compile()
"""


def test_a_context_is_given_as_json_and_missed_before_the_run(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "greets.py").write_text(GREETS)
    services = configure(graph=f"{tmp_path / 'greets.py'}:graph")
    name, invoke = services.own_graphs.known()[0].name, invoking(services)
    arguments = ("run", "Bees", "--graph", name, "--json")
    missing = invoke(*arguments)
    assert missing.exit_code == 2
    assert "Context: user: a value is required." in missing.stderr
    sides = ("model=scripted", "model=scripted")
    compared = invoke("compare", *sides, "--graph", name, "-p", "Bees")
    assert (compared.exit_code, "Context: user: a value is required." in compared.stderr) == (2, True)
    assert "it is no JSON object" in invoke(*arguments, "--context", '["Marta"]').stderr
    told = invoke(*arguments, "--context", '{"user": "Marta"}', "--configurable", '{"tone": "blue"}')
    assert told.exit_code == 0, told.output
    assert "Hello Marta in blue" in told.stdout

    services.run_writer.flush()
    assert "--graph path/to/agent.py:graph" not in invoke("diagnose", "last").stdout
    elsewhere = invoking(configure(graph=""))
    assert "--graph path/to/agent.py:graph" not in elsewhere("diagnose", "last").stdout, "the run says where it was"
    (tmp_path / "greets.py").unlink()
    assert "--graph path/to/agent.py:graph" in elsewhere("diagnose", "last").stdout.replace("\n", " ")


def test_a_run_that_did_not_start_has_no_figures(configure: Configure, tmp_path: Path) -> None:
    (tmp_path / "counts.py").write_text(
        "from typing import TypedDict\nfrom langgraph.graph import START, StateGraph\n"
        "State = TypedDict('State', {'count': int})\n"
        "graph = StateGraph(State).add_node('n', lambda state: {}).add_edge(START, 'n').compile()\n"
    )
    services = configure(graph=f"{tmp_path / 'counts.py'}:graph")
    told = invoking(services)("run", "Bees", "--graph", services.own_graphs.known()[0].name)
    assert told.exit_code in (1, 2)
    assert "counts.py:graph has no field for a prompt" in told.stderr
    assert "TTFT" not in told.stdout


def test_without_a_prompt_it_says_what_to_give(configure: Configure, file: Path, tmp_path: Path) -> None:
    counts = tmp_path / "counts.py"
    counts.write_text(
        "from typing import TypedDict\nfrom langgraph.graph import START, StateGraph\n"
        "State = TypedDict('State', {'count': int})\n"
        "graph = StateGraph(State).add_node('n', lambda state: {}).add_edge(START, 'n').compile()\n"
    )
    invoke = invoking(configure(graph=f"{file}:graph {counts}:graph"))
    takes_one, takes_none = (" ".join(invoke("run", "--graph", name).stderr.split()) for name in _names(file, counts))
    assert "Give a prompt, or its whole input by --input '{…}'. Its fields are topic, count." in takes_one
    assert "Give its whole input by --input '{…}'. Its fields are count." in takes_none


def _names(*files: Path) -> list[str]:
    return [f"own-{file.stem}-graph" for file in files]
