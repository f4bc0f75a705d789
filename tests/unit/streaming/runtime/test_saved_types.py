"""A database may hold anything: reading a thread runs nothing that it names."""

import enum
import json
import pickle
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import ormsgpack
import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from graphs import GRAPHS
from streaming.core.request import RunRequest
from streaming.runtime.checkpointer import delete_old_threads, open_checkpointer
from streaming.runtime.engine import Engine
from streaming.runtime.saved_types import data_only_serializer
from tests.support.graphs import QUICK, finish

CALLS: list[Any] = []


def planted_call(*arguments: Any, **named: Any) -> None:
    CALLS.append((arguments, named))


@dataclass
class Cart:
    """A data class of a graph's state."""

    items: list[str]


class Order(BaseModel):
    """A model of a graph's state."""

    price: float


class Place(NamedTuple):
    """A named tuple of a graph's state."""

    row: int


class Colour(enum.Enum):
    """An enum of a graph's state."""

    RED = "red"


def hostile(code: int, *names: Any) -> bytes:
    """A saved value that names something to call."""
    return ormsgpack.packb(ormsgpack.Ext(code, ormsgpack.packb(names)))


CALL = (__name__, "planted_call")
HOSTILE = {
    "single argument": hostile(0, *CALL, "x"),
    "arguments": hostile(1, *CALL, ["x"]),
    "named arguments": hostile(2, *CALL, {"x": 1}),
    "method": hostile(3, *CALL, "x", "__call__"),
    "old model": hostile(4, *CALL, {"x": 1}),
    "model": hostile(5, *CALL, {"x": 1}, "__call__"),
    "inside a list": ormsgpack.packb([1, ormsgpack.Ext(1, ormsgpack.packb([*CALL, ["x"]]))]),
    "inside another": ormsgpack.packb(
        ormsgpack.Ext(1, ormsgpack.packb(["builtins", "set", [ormsgpack.Ext(1, ormsgpack.packb([*CALL, ["x"]]))]]))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_function_that_a_saved_value_names_is_called(name: str) -> None:
    data_only_serializer().loads_typed(("msgpack", HOSTILE[name]))
    assert CALLS == []


def test_no_module_that_a_saved_value_names_is_imported() -> None:
    assert "this" not in sys.modules
    data_only_serializer().loads_typed(("msgpack", hostile(1, "this", "c", ["x"])))
    assert "this" not in sys.modules


def test_a_pickle_is_not_read() -> None:
    class Exploit:
        def __reduce__(self) -> Any:
            return planted_call, ("x",)

    with pytest.raises(NotImplementedError):
        data_only_serializer().loads_typed(("pickle", pickle.dumps(Exploit())))
    assert CALLS == []


def test_the_old_form_of_a_saved_value_calls_nothing_and_reads_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-planted-key-in-the-environment")
    call = {"lc": 2, "type": "constructor", "id": list(CALL), "args": ["x"]}
    secret = {"lc": 1, "type": "secret", "id": ["OPENAI_API_KEY"]}
    found = data_only_serializer().loads_typed(("json", json.dumps([call, secret]).encode()))
    assert CALLS == []
    assert "planted-key" not in repr(found)


@pytest.mark.parametrize(
    "value",
    [Cart(["tea"]), Order(price=2.5), Place(3), Colour.RED, {"a": [HumanMessage("Hi", id="1"), {1, 2}]}, b"\0", 2**40],
    ids=lambda value: type(value).__name__,
)
def test_the_data_of_graphs_comes_back_as_it_was(value: Any) -> None:
    serializer = data_only_serializer()
    assert serializer.loads_typed(serializer.dumps_typed(value)) == value


async def test_a_hostile_thread_in_the_file_runs_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.sqlite'}"
    graph = GRAPHS["joke"]
    with closing(Engine(checkpointer_url=url)) as engine:
        run = finish(engine.start(RunRequest(graph=graph, model=QUICK, modes=("updates",), prompt="Cats")))
    with closing(sqlite3.connect(tmp_path / "threads.sqlite")) as file, file:
        for (saved,) in file.execute("SELECT checkpoint FROM checkpoints").fetchall():
            content = ormsgpack.unpackb(saved)
            content["channel_values"] = {"topic": ormsgpack.Ext(1, ormsgpack.packb([*CALL, ["x"]]))}
            file.execute("UPDATE checkpoints SET checkpoint=? WHERE checkpoint=?", (ormsgpack.packb(content), saved))
    with closing(Engine(checkpointer_url=url)) as engine:
        engine.thread(graph, run.thread_id)
        async with open_checkpointer(url) as saver:
            await delete_old_threads(saver)
    assert CALLS == []
