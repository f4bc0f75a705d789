"""The program with a graph of the developer's own makes the graph of what is named: a builder, a factory, a holder."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.core.graph_description import GraphDescription
from streaming.own_graphs.own_graph import OwnGraph
from streaming.own_graphs.sources import Source
from streaming.own_graphs.worker.loading import Loaded, load_object

MAKERS = """
import contextlib
from typing import TypedDict
from langgraph.graph import START, StateGraph

State = TypedDict("State", {"topic": str})

def builder_of():
    return StateGraph(State).add_node("n", lambda state: {"topic": "made"}).add_edge(START, "n")

builder = builder_of()
graph = builder.compile()

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

async def awaited():
    return graph

@contextlib.asynccontextmanager
async def opened():
    yield graph

def with_runtime(runtime):
    return graph
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's file."""
    file = tmp_path / "makers_of_theirs.py"
    file.write_text(MAKERS)
    monkeypatch.syspath_prepend(tmp_path)
    yield file
    sys.modules.pop(file.stem, None)


def program_of(file: Path, attribute: str) -> tuple[str, ...]:
    loaded = Loaded(load_object(str(file), attribute))

    async def described() -> GraphDescription:
        async with loaded.use({"configurable": {}}):
            return GraphDescription(made_by=loaded.made_by)

    source = Source(name="own", target=str(file), attribute=attribute, folder=file.parent, interpreter=sys.executable)
    process: Any = SimpleNamespace(loaded=SimpleNamespace(description=asyncio.run(described())))
    return OwnGraph(source=source, process=process).program


@pytest.mark.parametrize(
    ("attribute", "made"),
    [
        ("graph", "from makers_of_theirs import graph"),
        ("builder", "graph = builder.compile()"),
        ("Shelf.made", "graph = Shelf.made"),
        ("plain", "graph = plain()"),
        ("uncompiled", 'graph = uncompiled(config={"configurable": {}}).compile()'),
        ("named", 'graph = named(config={"configurable": {}})'),
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


@pytest.mark.parametrize("attribute", ["awaited", "opened", "with_runtime", "keeper"])
def test_program_says_what_it_cannot_write(file: Path, attribute: str) -> None:
    assert f"Make the graph of {attribute} here" in program_of(file, attribute)[0]
