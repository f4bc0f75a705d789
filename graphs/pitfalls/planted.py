"""Causes for which a graph does not stream: a graph that has each, and the same graph without it."""

import asyncio
import inspect
import textwrap
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.config import get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from pydantic import BaseModel

from graphs.pitfalls.writer import Writer
from streaming.core.pitfall import Pitfall

Build = Callable[[], Any]
CHUNKS = (("Vanilla ", 0.01), ("is ", 0.01), ("an ", 0.01), ("orchid.", 0.01))
SILENT_S = 0.3
"""How long the silent tool works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A cause as two graphs; `asked` are the options of the stream, broken and mended, where they are the cause."""

    name: str
    title: str
    symptom: str
    cure: str
    broken: Build
    mended: Build
    asked_broken: Mapping[str, Any] = field(default_factory=lambda: {"modes": ("messages", "updates", "custom")})
    asked_mended: Mapping[str, Any] | None = None

    def asked(self, fixed: bool) -> dict[str, Any]:
        """The options of the stream: `modes` and `subgraphs`."""
        asked = (self.asked_mended or self.asked_broken) if fixed else self.asked_broken
        return {"subgraphs": True, **asked}

    @property
    def pitfall(self) -> Pitfall:
        """The same for the page: with its code, which is what runs."""
        return Pitfall(
            name=self.name,
            title=self.title,
            symptom=self.symptom,
            cure=self.cure,
            wrong=self._code(False),
            right=self._code(True),
            measure=partial(_measure, self),
        )

    def _code(self, fixed: bool) -> str:
        code = textwrap.dedent(inspect.getsource(self.mended if fixed else self.broken))
        asked = self.asked(fixed)
        if self.asked_mended is None:
            return code
        options = f'stream_mode={list(asked["modes"])}, subgraphs={asked["subgraphs"]}, version="v2"'
        return f"{code}\ngraph.astream({{}}, {options})"


async def _measure(planted: Planted, fixed: bool) -> str:
    """Run one way, and say what a reader would have seen."""
    graph, asked = (planted.mended if fixed else planted.broken)(), planted.asked(fixed)
    start, pieces, writes, texts = time.monotonic(), 0, 0, ""
    signs = [start]
    with suppress(RuntimeError):
        async for part in graph.astream(
            {}, stream_mode=list(asked["modes"]), subgraphs=asked["subgraphs"], version="v2"
        ):
            signs.append(time.monotonic())
            if part["type"] == "messages" and part["data"][0].type in ("ai", "AIMessageChunk") and part["data"][0].text:
                pieces, texts = pieces + 1, texts + part["data"][0].text
            writes += part["type"] == "custom"
    longest = max(later - earlier for earlier, later in pairwise([*signs, time.monotonic()]))
    said = f"{pieces} {'piece' if pieces == 1 else 'pieces'} of text and {writes} written by the node"
    return f"{said}; the answer came {texts.count('Vanilla')}×; the longest silence was {longest * 1000:.0f} ms."


def one_node(node: Any, state: Any = MessagesState) -> Any:
    """A graph of this node."""
    graph: Any = StateGraph(state)
    graph.add_node("write", node)
    graph.add_edge(START, "write")
    return graph.compile()


def streams() -> Any:
    """A node that asks a model."""
    model = Writer(chunks=CHUNKS)

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke("Vanilla?")]}

    return one_node(write)


def inner_graph() -> Any:
    """A graph with a node that is a graph."""
    return one_node(streams())


def disabled() -> Any:
    """A model that is built so that it does not stream."""
    model = Writer(chunks=CHUNKS, disable_streaming=True)

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke("Vanilla?")]}

    return one_node(write)


class _Kept(InMemoryCache):
    """A cache that knows the answer, as after an earlier run."""

    def lookup(self, prompt: str, llm_string: str) -> Any:  # noqa: ARG002 - LangChain's signature
        from langchain_core.outputs import ChatGeneration

        return [ChatGeneration(message=AIMessage("Vanilla is an orchid."))]


def cached() -> Any:
    """A model whose answer is in a cache."""
    model = Writer(chunks=CHUNKS, cache=_Kept())

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke("Vanilla?")]}

    return one_node(write)


def tagged() -> Any:
    """A model with the tag `nostream`."""
    model = Writer(chunks=CHUNKS).with_config(tags=["nostream"])

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke("Vanilla?")]}

    return one_node(write)


class AsyncOpenAI:
    """Stands for a provider's own client: LangChain does not see it."""

    async def create(self) -> str:
        """The whole answer."""
        await asyncio.sleep(0.04)
        return "Vanilla is an orchid."


def raw_client() -> Any:
    """A node that asks the provider itself."""
    client = AsyncOpenAI()

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage(await client.create(), id="answer")]}

    return one_node(write)


def other_thread() -> Any:
    """A model that is called in a thread without the node's context."""
    model = Writer(chunks=CHUNKS)

    async def write(_: MessagesState) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        return {"messages": [await loop.run_in_executor(None, model.invoke, "Vanilla?")]}

    return one_node(write)


def copied_context() -> Any:
    """`to_thread` copies the context."""
    model = Writer(chunks=CHUNKS)

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await asyncio.to_thread(model.invoke, "Vanilla?")]}

    return one_node(write)


def called_graph() -> Any:
    """A graph that is called in a node, of a stream without subgraphs."""
    inner = streams()

    async def write(_: MessagesState) -> dict[str, Any]:
        result: dict[str, Any] = {}
        async for state in inner.astream({}, stream_mode="values"):
            result = state
        return {"messages": [AIMessage(result["messages"][-1].text, id="answer")]}

    return one_node(write)


class Title(BaseModel):
    """The title of a text."""

    title: str


def structured() -> Any:
    """An answer that is parsed when it is complete."""
    model = Writer(chunks=CHUNKS).with_structured_output(Title)

    async def write(_: MessagesState) -> dict[str, Any]:
        answer: Any = await model.ainvoke("Vanilla?")
        return {"messages": [AIMessage(answer.title, id="answer")]}

    return one_node(write)


@tool
async def silent_search() -> str:
    """Search, and say nothing meanwhile."""
    await asyncio.sleep(SILENT_S)
    return "Found."


@tool
async def telling_search() -> str:
    """Search, and report the progress."""
    write = get_stream_writer()
    for done in range(6):
        await asyncio.sleep(SILENT_S / 6)
        write({"done": done})
    return "Found."


def _tool_graph(called: Any) -> Any:
    def ask(_: MessagesState) -> dict[str, Any]:
        return {"messages": [AIMessage("", id="ask", tool_calls=[{"name": called.name, "args": {}, "id": "call-1"}])]}

    graph: Any = StateGraph(MessagesState)
    graph.add_node("ask", ask)
    graph.add_node("tools", ToolNode([called]))
    graph.add_edge(START, "ask")
    graph.add_edge("ask", "tools")
    return graph.compile()


def silent_tool() -> Any:
    """A tool that takes its time."""
    return _tool_graph(silent_search)


def telling_tool() -> Any:
    """A tool that says how far it is."""
    return _tool_graph(telling_search)


def writes_in_thread() -> Any:
    """A thread has no context, so it has no writer."""

    async def write(_: MessagesState) -> dict[str, Any]:
        def report() -> None:
            with suppress(RuntimeError):
                get_stream_writer()({"done": 1})

        thread = threading.Thread(target=report)
        thread.start()
        await asyncio.to_thread(thread.join)
        return {}

    return one_node(write)


def writes_in_copy() -> Any:
    """`to_thread` copies the context, so the writer is there."""

    async def write(_: MessagesState) -> dict[str, Any]:
        def report() -> None:
            get_stream_writer()({"done": 1})

        await asyncio.to_thread(report)
        return {}

    return one_node(write)


def rebuilt() -> Any:
    """A node that builds the answer again."""
    model = Writer(chunks=CHUNKS)

    async def write(_: MessagesState) -> dict[str, Any]:
        answer = await model.ainvoke("Vanilla?")
        return {"messages": [AIMessage(content=answer.content)]}

    return one_node(write)


def reads_mappings() -> Any:
    """The same with version 2: each part has the same shape."""
    inner = streams()

    async def write(_: MessagesState) -> dict[str, Any]:
        show = get_stream_writer()
        async for part in inner.astream({}, stream_mode=["messages", "values"], version="v2"):
            if part["type"] == "messages":
                show(part["data"][0].text)
        return {}

    return one_node(write)


_SEEN = ("messages", "updates", "custom")

PLANTED = (
    Planted(
        name="no-messages",
        title="`messages` was not asked for",
        symptom="Steps arrive one by one, but no token does.",
        cure="Only the mode `messages` carries tokens. With it, a node's `.ainvoke()` streams without a change.",
        broken=streams,
        mended=streams,
        asked_broken={"modes": ("updates",)},
        asked_mended={"modes": ("updates", "messages")},
    ),
    Planted(
        name="subgraphs",
        title="Subgraphs were not asked for",
        symptom="The outer graph streams; a node that is a graph is silent until it has ended.",
        cure="With `subgraphs=True` each part of an inner graph comes too, and names its path in `ns`.",
        broken=inner_graph,
        mended=inner_graph,
        asked_broken={"modes": _SEEN, "subgraphs": False},
        asked_mended={"modes": _SEEN, "subgraphs": True},
    ),
    Planted(
        name="not-streaming",
        title="The model is built so that it does not stream",
        symptom="The answer comes whole, although `messages` was asked for.",
        cure="Build the model without `disable_streaming=True` or `streaming=False`.",
        broken=disabled,
        mended=streams,
    ),
    Planted(
        name="cached",
        title="The answer comes from a cache",
        symptom="The first run streams; the second gets the whole answer at once.",
        cure="`cache=False` on the model whose tokens a reader should see; or write the cached text in pieces.",
        broken=cached,
        mended=streams,
    ),
    Planted(
        name="nostream",
        title="The tag `nostream`",
        symptom="One model of several never shows its tokens.",
        cure="The tag is for answers that only the program needs. Remove it where a person reads.",
        broken=tagged,
        mended=streams,
    ),
    Planted(
        name="raw-client",
        title="The provider's own client in a node",
        symptom="The node takes seconds, and its answer is in the state, but never in the stream.",
        cure="LangGraph hears tokens by LangChain's callbacks. Use a LangChain model, or write each piece yourself.",
        broken=raw_client,
        mended=streams,
    ),
    Planted(
        name="other-thread",
        title="The model is called in a thread without the context",
        symptom="The answer is right, but no token streams, on any Python.",
        cure="`run_in_executor` and `Thread` do not copy the context. `asyncio.to_thread` does.",
        broken=other_thread,
        mended=copied_context,
    ),
    Planted(
        name="nested-graph",
        title="A graph that is called in a node",
        symptom="The inner graph streams when it runs alone, and is silent inside.",
        cure="Add it as a node, and ask for subgraphs: the outer stream then carries what the inner one sends.",
        broken=called_graph,
        mended=inner_graph,
        asked_broken={"modes": _SEEN, "subgraphs": False},
        asked_mended={"modes": _SEEN, "subgraphs": True},
    ),
    Planted(
        name="structured-output",
        title="Structured output that arrives whole",
        symptom="No text comes; the object is there at the end.",
        cure="The object is parsed when its JSON is complete. Stream text, and parse what is there so far.",
        broken=structured,
        mended=streams,
    ),
    Planted(
        name="silent-tool",
        title="A tool that is silent",
        symptom="The model calls a tool, and for seconds nothing tells that it works.",
        cure="Report progress with `get_stream_writer()`, and ask for `custom`.",
        broken=silent_tool,
        mended=telling_tool,
    ),
    Planted(
        name="thread-writer",
        title="The stream writer in a thread",
        symptom="What a thread writes never arrives, or the thread ends with an error.",
        cure="The writer belongs to the node's context. `asyncio.to_thread` copies it; a raw thread has none.",
        broken=writes_in_thread,
        mended=writes_in_copy,
    ),
    Planted(
        name="said-twice",
        title="A message that is built again",
        symptom="The answer streams, and then comes a second time as a whole.",
        cure="LangGraph tells messages apart by their ids. Return the model's own message, or keep its `id`.",
        broken=rebuilt,
        mended=streams,
    ),
)
"""The names are those of the diagnosis; `other-thread` is a second way to lose the context."""
