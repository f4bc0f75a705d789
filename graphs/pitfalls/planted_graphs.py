"""The graphs of the planted causes: one that has each cause, and one without it.

The page shows their source, which is what runs.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from langchain_core.caches import InMemoryCache
from langchain_core.callbacks import adispatch_custom_event
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import tool
from langgraph.config import get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from pydantic import BaseModel
from typing_extensions import TypedDict

from graphs.pitfalls.writer import Writer

CHUNKS = (("Vanilla ", 0.01), ("is ", 0.01), ("an ", 0.01), ("orchid.", 0.01))
_WORDS = ("Vanilla", "is", "an", "orchid", "that", "grows", "in", "the", "tropics.")
SENTENCE = tuple((f"{word} ", 0.04) for word in _WORDS)
SILENT_S = 0.3
"""How long the silent tool works."""
SERVICE_S = 0.4
"""How long the service takes that is no chat model."""


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


class BehindProxy(Writer):
    """Stands for a model that is asked through a proxy, which may collect all pieces and hand them on at the end."""

    buffering: bool

    async def _astream(self, *args: Any, **options: Any) -> AsyncIterator[ChatGenerationChunk]:
        pieces = super()._astream(*args, **options)
        if not self.buffering:
            async for piece in pieces:
                yield piece
            return
        for piece in [piece async for piece in pieces]:
            yield piece


def held_back() -> Any:
    """A model behind a proxy with `proxy_buffering on`."""
    model = BehindProxy(chunks=SENTENCE, buffering=True)

    async def write(_: MessagesState) -> dict[str, Any]:
        return {"messages": [await model.ainvoke("Vanilla?")]}

    return one_node(write)


def handed_on() -> Any:
    """The same model, with `proxy_buffering off`."""
    model = BehindProxy(chunks=SENTENCE, buffering=False)

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


class Answered(TypedDict):
    """A state with a plain text."""

    answer: str


async def fetch_answer() -> str:
    """Stands for a request by HTTP."""
    await asyncio.sleep(SERVICE_S)
    return "Vanilla is an orchid of the tropics."


def asks_a_service() -> Any:
    """A node that gets its text without a chat model."""

    async def write(_: Answered) -> dict[str, Any]:
        return {"answer": await fetch_answer()}

    return one_node(write, Answered)


def asks_a_model() -> Any:
    """The same state, from a chat model."""
    model = Writer(chunks=CHUNKS)

    async def write(_: Answered) -> dict[str, Any]:
        answer = await model.ainvoke("Vanilla?")
        return {"answer": answer.text}

    return one_node(write, Answered)


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


def writes_progress() -> Any:
    """A node that tells how far it is."""

    async def write(_: MessagesState) -> dict[str, Any]:
        get_stream_writer()({"done": 1})
        return {}

    return one_node(write)


def dispatches_progress() -> Any:
    """A node that tells it to callbacks."""

    async def write(_: MessagesState) -> dict[str, Any]:
        await adispatch_custom_event("progress", {"done": 1})
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
