"""What the reader of a graph's code finds, and that it survives code of every kind."""

import asyncio
import importlib.util
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.cache.memory import InMemoryCache
from langgraph.func import entrypoint, task
from langgraph.graph import START, MessagesState, StateGraph

from streaming.own_graphs.worker.code_facts import read_code_facts
from streaming.providers.scripted.model import ScriptedChatModel
from tests.support.own_graphs.foreign_causes import Whole

MODEL = ScriptedChatModel()


def graph_of(node: Any) -> Any:
    graph: Any = StateGraph(MessagesState)
    graph.add_node("n", node)
    graph.add_edge(START, "n")
    return graph.compile()


def node_facts(node: Any) -> dict[str, Any]:
    facts: dict[str, Any] = read_code_facts(graph_of(node))["nodes"]["n"]
    return facts


def models(node: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_code_facts(graph_of(node))["models"]
    return found


def calls(node: Any) -> list[tuple[str, str]]:
    return [(call["kind"], call["text"]) for call in node_facts(node)["calls"]]


def test_a_cache_of_nodes_is_known() -> None:
    graph = graph_of(lambda state: {})
    assert read_code_facts(graph)["node_cache"] is False
    assert read_code_facts(graph.builder.compile(cache=InMemoryCache()))["node_cache"] is True


def test_a_class_of_the_authors_that_cannot_stream_has_its_place() -> None:
    whole, streams = Whole(), MODEL

    async def ask(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await whole.ainvoke("bees"), await streams.ainvoke("bees")]}

    placed = {model["class"]: model.get("file", "").endswith("foreign_causes.py") for model in models(ask)}
    assert placed == {"Whole": True, "ScriptedChatModel": False}


def wait_for_it() -> None:
    sleep(1)


async def sleeps(_: MessagesState) -> dict[str, Any]:
    time.sleep(1)
    return {}


async def sleeps_by_a_local_name(_: MessagesState) -> dict[str, Any]:
    import time as clock

    clock.sleep(2)
    return {}


async def sleeps_in_a_helper(_: MessagesState) -> dict[str, Any]:
    wait_for_it()
    return {}


async def sleeps_in_a_thread(_: MessagesState) -> dict[str, Any]:
    await asyncio.to_thread(wait_for_it)
    await asyncio.to_thread(lambda: time.sleep(1))
    return {}


def sleeps_without_a_loop(_: MessagesState) -> dict[str, Any]:
    time.sleep(1)
    return {}


def test_calls_that_block_the_loop_are_found_in_async_code_alone_and_only_wait_in_a_thread() -> None:
    assert calls(sleeps) == [("blocking", "time.sleep(1)")]
    assert calls(sleeps_by_a_local_name) == [("blocking", "clock.sleep(2)")]
    assert calls(sleeps_in_a_helper) == [("blocking", "sleep(1)")]
    assert {kind for kind, _ in calls(sleeps_in_a_thread)} == {"waiting"}
    assert calls(sleeps_without_a_loop) == [("waiting", "time.sleep(1)")]


def test_a_call_has_its_file_and_line() -> None:
    found = node_facts(sleeps)
    (call,) = found["calls"]
    assert (found["file"], call["file"]) == (__file__, __file__)
    assert "time.sleep(1)" in Path(__file__).read_text(encoding="utf-8").splitlines()[call["line"] - 1]
    assert found["async"] is True


async def asks_a_model_it_makes(_: MessagesState) -> dict[str, Any]:
    llm = ScriptedChatModel()
    return {"messages": [llm.invoke("go")]}


async def asks_a_model_it_is_given(_: MessagesState, *, model: Any = None, other: Any = None) -> dict[str, Any]:
    other.invoke("go")
    return {"messages": [await model.ainvoke("go")]}


def test_a_name_that_is_known_only_while_the_node_runs_is_judged_by_itself() -> None:
    assert calls(asks_a_model_it_makes) == [("sync model", "llm.invoke('go')")]
    assert calls(asks_a_model_it_is_given) == [("model", "model.ainvoke('go')")]


class Asks:
    """A node that is an object."""

    def __init__(self, model: Any) -> None:
        self.model = model

    async def __call__(self, _: MessagesState) -> dict[str, Any]:
        """Ask the model."""
        return {"messages": [await self.model.ainvoke("go")]}


async def asks_with(_: MessagesState, model: Any) -> dict[str, Any]:
    return {"messages": [await model.ainvoke("go")]}


@pytest.mark.parametrize("node", [Asks(MODEL), partial(asks_with, model=MODEL)], ids=["object", "partial"])
def test_nodes_that_are_objects_and_partials_are_read(node: Any) -> None:
    found = node_facts(node)
    assert found["async"] is True
    assert found["file"] == __file__
    assert [call["kind"] for call in found["calls"]] == ["model"]


@tool
async def search(query: str) -> str:
    """Search."""
    return query


def test_an_agent_has_its_model_and_tools_and_no_calls_of_the_library() -> None:
    facts = read_code_facts(create_agent(MODEL, [search]))
    assert {model["class"] for model in facts["models"]} == {"ScriptedChatModel"}
    assert facts["tools"]["search"]["file"] == __file__
    assert [node["calls"] for node in facts["nodes"].values() if node["calls"]] == []


@task
async def answer(prompt: str) -> str:
    time.sleep(1)
    return prompt


@entrypoint()
async def workflow(prompt: str) -> str:
    return await answer(prompt)


def test_an_entrypoint_is_read() -> None:
    (node,) = read_code_facts(workflow)["nodes"].values()
    assert node["file"] == __file__


class _Raises:
    """An object whose every attribute raises."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


async def refers_to_it(_: MessagesState) -> dict[str, Any]:
    return {"messages": [await RAISES.anything.ainvoke("go")]}


RAISES = _Raises()


def test_code_without_a_source_and_objects_that_raise_leave_their_facts_out() -> None:
    made: dict[str, Any] = {}
    exec("async def node(state):\n    import time\n    time.sleep(1)\n    return {}", made)
    found = node_facts(made["node"])
    assert "file" not in found
    assert found["calls"] == []
    assert node_facts(refers_to_it)["subgraph"] is False
    assert read_code_facts(object())["nodes"] == {}


LOOPS = """
from langgraph.graph import START, MessagesState, StateGraph

def node(state):
    return {}

def make():
    return StateGraph(MessagesState).add_node("n", node).add_edge(START, "n").compile()

graph, other = make(), make()

async def reads():
    async for part in graph.astream({}, stream_mode=["updates", "values"]):
        print(part["type"])

async def reads_another():
    async for part in other.astream({}, stream_mode=["updates", "values"]):
        print(part["type"])

async def reads_its_own(graph):
    async for part in graph.astream({}, stream_mode=["updates", "values"]):
        print(part["type"])

async def reads_rightly():
    async for mode, data in graph.astream({}, stream_mode=["updates", "values"]):
        print(mode, data)
    async for part in graph.astream({}, stream_mode=["updates", "values"], version="v2"):
        print(part["type"])

pairs = lambda: [mode for mode, in graph.stream({}, stream_mode="values", subgraphs=True)]
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Import this source."""

    def load(source: str) -> Any:
        file = tmp_path / "loops_of_a_stranger.py"
        file.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        found = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, file.stem, found)
        spec.loader.exec_module(found)
        return found

    return load


def test_wrong_loops_count_for_the_graph_that_they_read_alone(module: Callable[[str], Any]) -> None:
    loops = module(LOOPS)

    def lines(graph: Any) -> list[str]:
        found = read_code_facts(graph)["streams"]
        return [f"{LOOPS.splitlines()[one['line'] - 2]} {one['trouble']}" for one in found]

    assert len(lines(loops.graph)) == 2
    (other,) = lines(loops.other)
    assert "async def reads_another" in other
    assert lines(loops.make()) == []


def fake(text: str) -> Any:
    return GenericFakeChatModel(messages=iter([AIMessage(text)]))


def test_what_a_model_of_a_test_says_is_no_message_that_was_built_again() -> None:
    async def rebuilt(state: MessagesState) -> dict[str, Any]:
        first = GenericFakeChatModel(messages=iter([AIMessage("said")]))
        said = [chunk.text async for chunk in fake("text").astream(state["messages"])]
        return {"messages": [AIMessage("".join(said)), first.invoke("x")]}

    found = [call["text"] for call in node_facts(rebuilt)["calls"] if call["kind"] == "rebuilt message"]
    assert found == ["AIMessage(''.join(said))"]
