"""The program with a graph of the developer's own makes the graph of what is named: a builder, a factory, a holder."""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.analysis.code_snippet import project_script
from streaming.analysis.notebook_file import notebook_of
from streaming.core.events import Mode
from streaming.core.graph_description import GraphDescription
from streaming.core.request import Fork, Resume, RunRequest
from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph
from streaming.own_graphs.sources import Source
from streaming.own_graphs.worker.describing import describe
from streaming.own_graphs.worker.loading import Loaded, load_object
from streaming.own_graphs.worker.module_names import imported

MAKERS = """
import contextlib
from dataclasses import dataclass
from typing import TypedDict
from langchain_core.messages import AnyMessage
from langgraph.func import entrypoint
from langgraph.graph import START, StateGraph

State = TypedDict("State", {"topic": str})

def builder_of():
    return StateGraph(State).add_node("n", lambda state: {"topic": "made"}).add_edge(START, "n")

builder = builder_of()
graph = builder.compile()

def told(state):
    return {"topic": state["topic"] + " told"}

steps = [("look", lambda state: {}), ("tell", told)]
two_steps = StateGraph(State).add_sequence(steps).add_edge(START, "look").compile()

class Shelf:
    made = graph

class Keeper:
    def __init__(self):
        self.inner = graph

keeper = Keeper()

def plain():
    return graph

def uncompiled(config):
    return builder_of()

def named(*, config: dict):
    return graph

def of_config(config):
    tone = config["configurable"].get("tone", "no tone")
    return StateGraph(State).add_node("n", lambda state: {"topic": f"made with {tone}"}).add_edge(START, "n").compile()

async def awaited_of_config(config):
    return of_config(config)

@contextlib.asynccontextmanager
async def opened_of_config(config, /):
    yield of_config(config)

async def awaited():
    return graph

@contextlib.asynccontextmanager
async def opened():
    yield graph

async def awaited_builder():
    return builder_of()

@contextlib.contextmanager
def held_open(config):
    yield builder_of()

def with_runtime(runtime):
    return graph

@dataclass
class Job:
    topic: str
    size: int = 3

@entrypoint()
async def work(job: Job) -> dict:
    return {"topic": f"{job.topic} made {job.size} times"}

@entrypoint()
async def reply(messages: list[AnyMessage]) -> dict:
    return {"topic": f"{messages[-1].text} made"}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's file."""
    file = tmp_path / "makers_of_theirs.py"
    file.write_text(MAKERS)
    monkeypatch.syspath_prepend(tmp_path)
    yield file
    sys.modules.pop(file.stem, None)


def own_graph(file: Path, attribute: str) -> OwnGraph:
    loaded = Loaded(load_object(str(file), attribute))

    async def described() -> GraphDescription:
        async with loaded.use({"configurable": {}}) as graph:
            code = describe(graph, loaded.checkpointer)["input_code"]
            place: Any = imported(str(file))
            return GraphDescription(
                made_by=loaded.made_by,
                opened_by=loaded.opened_by,
                input_code=code,
                checkpointer=loaded.checkpointer,
                **place,
            )

    source = Source(name="own", target=str(file), attribute=attribute, folder=file.parent, interpreter=sys.executable)
    process: Any = SimpleNamespace(loaded=SimpleNamespace(description=asyncio.run(described())))
    return OwnGraph(source=source, process=process)


def program_of(file: Path, attribute: str) -> tuple[str, ...]:
    return own_graph(file, attribute).program


@pytest.mark.parametrize(
    ("attribute", "made"),
    [
        ("graph", "from makers_of_theirs import graph"),
        ("builder", "graph = builder.compile()"),
        ("Shelf.made", "graph = Shelf.made"),
        ("plain", "graph = plain()"),
        ("uncompiled", "graph = uncompiled(config=CONFIG).compile()"),
        ("named", "graph = named(config=CONFIG)"),
    ],
)
def test_program_makes_the_graph_of_what_is_named(file: Path, attribute: str, made: str) -> None:
    lines = program_of(file, attribute)
    assert lines[-1] == made
    # What was loaded has the checkpointer of its process.
    del sys.modules[file.stem]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)
    assert namespace["graph"].invoke({"topic": ""}) == {"topic": "made"}


def test_program_imports_a_file_of_a_folder_whose_name_python_does_not_allow(tmp_path: Path) -> None:
    folder = tmp_path / "my-flows"
    folder.mkdir()
    (folder / "makers_of_theirs.py").write_text("from .more_of_theirs import graph\n")
    (folder / "more_of_theirs.py").write_text(MAKERS)
    where, *lines = program_of(folder / "makers_of_theirs.py", "graph")
    assert f"save this in {tmp_path}, and run it there." in where
    # What was loaded has the checkpointer of its process.
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)
    assert namespace["graph"].invoke({"topic": ""}) == {"topic": "made"}


@pytest.mark.parametrize("modes", [("values",), ("values", "checkpoints")])
@pytest.mark.parametrize(
    ("attribute", "made"),
    [
        ("awaited", "await stream(await awaited())"),
        ("awaited_builder", "await stream((await awaited_builder()).compile())"),
        ("opened", "async with opened() as graph:"),
        ("held_open", "with held_open(config=CONFIG) as graph:"),
        ("work", "TypeAdapter(Job).validate_python({'topic': 'bees'})"),
        ("reply", "convert_to_messages([{'type': 'human', 'content': 'bees'}])"),
    ],
)
def test_a_script_opens_a_factory_and_makes_the_objects_of_an_input(
    file: Path, attribute: str, made: str, modes: tuple[Mode, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    given = [{"type": "human", "content": "bees"}] if attribute == "reply" else {"topic": "bees"}
    request = RunRequest(graph=own_graph(file, attribute), model=OWN_MODEL, prompt="", input=given, modes=modes)
    script = project_script(request)
    assert made in script
    # What was loaded has the checkpointer of its process.
    del sys.modules[file.stem]
    exec(compile(script, "shown", "exec"), {})
    assert "made" in capsys.readouterr().out
    code = json.loads(notebook_of(script, title="t"))["cells"][1]["source"]
    assert code.endswith("await main()\n")


@pytest.mark.parametrize("attribute", ["of_config", "awaited_of_config", "opened_of_config"])
def test_a_factory_is_called_with_the_config_of_the_run(
    file: Path, attribute: str, capsys: pytest.CaptureFixture[str]
) -> None:
    request = RunRequest(
        graph=own_graph(file, attribute),
        model=OWN_MODEL,
        modes=("values",),
        input={"topic": "bees"},
        configurable={"tone": "warmth"},
    )
    del sys.modules[file.stem]
    exec(compile(project_script(request), "shown", "exec"), {})
    assert "made with warmth" in capsys.readouterr().out
    exec(compile(project_script(replace(request, configurable=None)), "shown", "exec"), {})
    assert "made with no tone" in capsys.readouterr().out
    fork = replace(request, fork=Fork(checkpoint_id="of this thread", step=0, edits={}))
    exec(compile(project_script(fork, before=[request]), "shown", "exec"), {})
    assert capsys.readouterr().out.count("made with warmth") == 2


@pytest.mark.parametrize("attribute", ["with_runtime", "keeper"])
def test_program_says_what_it_cannot_write(file: Path, attribute: str) -> None:
    assert f"Make the graph of {attribute} here" in program_of(file, attribute)[0]


def test_the_program_of_a_pause_before_a_node_goes_on_where_the_page_did(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = own_graph(file, "two_steps")
    paused = RunRequest(graph=graph, model=OWN_MODEL, modes=("values",), input={"topic": "bees"}, prompt="")
    paused = replace(paused, interrupt_before=("tell",))
    assert "Here it pauses before a node" in project_script(paused, waits=True)
    whole = project_script(replace(paused, resume=Resume()), before=[paused])
    assert ("for start in (question, None):" in whole, "Command" in whole) == (True, False)
    del sys.modules[file.stem]
    exec(whole, {"__name__": "__main__"})
    assert "bees told" in capsys.readouterr().out


@pytest.mark.parametrize("edits", [{}, {"topic": "wasps"}])
def test_the_program_of_a_fork_goes_back_to_its_checkpoint(
    file: Path, edits: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    first = RunRequest(
        graph=own_graph(file, "two_steps"), model=OWN_MODEL, modes=("values",), input={"topic": "bees"}, prompt=""
    )
    fork = replace(first, fork=Fork(checkpoint_id="of this thread", step=1, edits=edits))
    del sys.modules[file.stem]
    exec(project_script(fork, before=[first]), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    assert printed.count("bees told") == (1 if edits else 2)
    assert printed.count("wasps told") == (1 if edits else 0)
    again = project_script(replace(fork, fork=Fork(checkpoint_id="of the fork", step=1)), before=[first, fork])
    assert "this program does not" in again
