"""Mistakes of streaming code that are measured with means of their own: a pipe, a heartbeat, a time limit."""

import asyncio
import operator
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from itertools import pairwise
from typing import Annotated, Any, Literal, TypedDict

import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph

from graphs.pitfalls.writer import Chunks, Writer
from streaming.core.pitfall import Pitfall

_WORDS: Chunks = tuple((word, 0.04) for word in ("Vanilla ", "is ", "an ", "orchid."))
_ROLE_FIRST: Chunks = (("", 0.0), ("", 0.05), ("Vanilla ", 0.2), ("is an orchid.", 0.04))
_PAUSED: Chunks = (("Vanilla ", 0.02), ("is ", 0.02), ("an ", 0.3), ("orchid.", 0.02))
_BLOCKED_S = 0.3
_BEAT_S = 0.01
_SILENCE_S = 0.15
_DOCUMENTS = 8


class _State(TypedDict, total=False):
    answer: str
    documents: Annotated[list[str], operator.add]


def _compiled(node: Callable[..., Any]) -> Any:
    graph = StateGraph(_State)
    graph.add_node("write", node)
    graph.add_edge(START, "write")
    graph.add_edge("write", END)
    return graph.compile()


def _writing(chunks: Chunks) -> Any:
    """A graph whose only node asks a model that sends these chunks."""

    async def write(_: _State, config: RunnableConfig) -> dict[str, Any]:
        return {"answer": str((await Writer(chunks=chunks).ainvoke("Vanilla?", config)).content)}

    return _compiled(write)


async def _texts(graph: Any) -> AsyncGenerator[str, None]:
    async with aclosing(graph.astream({}, stream_mode="messages")) as parts:
        async for chunk, _ in parts:
            yield chunk.content


async def _unflushed(fixed: bool) -> str:
    """A pipe, as between a program and a log, a container or another program: Python fills a buffer first."""
    reading, writing = os.pipe()
    start = time.monotonic()

    def first_arrival() -> float:
        os.read(reading, 1)
        return time.monotonic() - start

    try:
        with os.fdopen(writing, "w") as out:
            arrival = asyncio.get_running_loop().run_in_executor(None, first_arrival)
            async for text in _texts(_writing(_WORDS)):
                print(text, end="", file=out, flush=fixed)
        first_s = await arrival
    finally:
        os.close(reading)
    return f"The reader gets the first word after {_ms(first_s)}; the answer took {_ms(time.monotonic() - start)}."


async def _empty_chunks(fixed: bool) -> str:
    start = time.monotonic()
    async for text in _texts(_writing(_ROLE_FIRST)):
        if text or not fixed:
            shown = f"“{text.strip()}” is on the screen" if text else "nothing is on the screen"
            return f"The first token is reported after {_ms(time.monotonic() - start)}, while {shown}."
    return "No token came."


def searching(*, fixed: bool, seconds: float = _BLOCKED_S) -> Any:
    """A graph whose only node is async, and waits this long: broken it blocks the event loop."""

    async def blocks(_: _State) -> dict[str, Any]:
        time.sleep(seconds)  # noqa: ASYNC251 - the mistake that is shown
        return {"documents": ["one"]}

    async def waits(_: _State) -> dict[str, Any]:
        await asyncio.sleep(seconds)
        return {"documents": ["one"]}

    return _compiled(waits if fixed else blocks)


async def _blocked_loop(fixed: bool) -> str:
    beats = [time.monotonic()]

    async def heartbeat() -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            beats.append(time.monotonic())

    graph, beating = searching(fixed=fixed), asyncio.create_task(heartbeat())
    async for _ in graph.astream({}, stream_mode="updates"):
        pass
    await asyncio.sleep(2 * _BEAT_S)
    beating.cancel()
    longest = max(later - earlier for earlier, later in pairwise(beats))
    return f"While one visitor searched for {_ms(_BLOCKED_S)}, all others stood still for up to {_ms(longest)}."


async def _lost_context(fixed: bool) -> str:
    """A call in a thread of a pool, which gets no copy of the context."""

    def write(_: _State, config: RunnableConfig) -> dict[str, Any]:
        with ThreadPoolExecutor(max_workers=1) as pool:
            answer = pool.submit(Writer(chunks=_WORDS).invoke, "Vanilla?", config if fixed else None)
        return {"answer": str(answer.result().content)}

    tokens = [text async for text in _texts(_compiled(write)) if text]
    return f"{len(tokens)} of {len(_WORDS)} tokens reach the stream."


def gathering() -> Any:
    """A graph of several nodes, each of which adds a document to the state."""

    async def gather(_: _State) -> dict[str, Any]:
        return {"documents": ["A document of a hundred characters. " * 3]}

    step: Callable[..., Awaitable[dict[str, Any]]] = gather
    graph = StateGraph(_State)
    names = [f"step_{number}" for number in range(_DOCUMENTS)]
    for before, name in zip([START, *names], names, strict=False):
        graph.add_node(name, step)
        graph.add_edge(before, name)
    return graph.compile()


async def _whole_state(fixed: bool) -> str:
    mode: Literal["updates", "values"] = "updates" if fixed else "values"
    parts = [part async for part in gathering().astream({"documents": []}, stream_mode=mode)]
    return f"`{mode}` sends {sum(len(orjson.dumps(part)) for part in parts):,} bytes for {_DOCUMENTS} documents."


async def _no_completion(fixed: bool) -> str:
    texts, received = _texts(_writing(_PAUSED)), ""
    async with aclosing(texts):
        while True:
            try:
                received += await asyncio.wait_for(anext(texts), None if fixed else _SILENCE_S)
            except StopAsyncIteration:
                return f"The end of the stream says that “{received.strip()}” is the whole answer."
            except TimeoutError:
                return f"A pause is taken for the end: “{received.strip()}” counts as the whole answer."


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


MEASURED = (
    Pitfall(
        name="unflushed",
        title="Nobody flushes",
        symptom="The model streams, the terminal or the log stays empty, and then everything appears at once.",
        cure="Python collects output into a buffer unless it writes to a terminal. Flush each piece; behind a proxy, "
        "switch its buffering off too (`X-Accel-Buffering: no`).",
        wrong='print(token, end="")',
        right='print(token, end="", flush=True)',
        measure=_unflushed,
    ),
    Pitfall(
        name="empty-chunks",
        title="Empty chunks are taken for text",
        symptom="The waiting indicator goes, but no word comes; the time to first token looks far too good.",
        cure="Many providers begin with chunks that hold only a role. Only a chunk with text is the first token.",
        wrong="first_token_at = first_token_at or now()",
        right="if chunk.content:\n    first_token_at = first_token_at or now()",
        measure=_empty_chunks,
    ),
    Pitfall(
        name="blocking",
        title="Sync code in an async node",
        symptom="One visitor's search freezes the stream of every other visitor.",
        cure="Await an async client, or move what blocks into a thread. `/async` measures more of it.",
        wrong="async def search(state):\n    hits = client.search(state['question'])",
        right="async def search(state):\n    hits = await client.asearch(state['question'])",
        measure=_blocked_loop,
    ),
    Pitfall(
        name="lost-context",
        title="A model call that does not know its run",
        symptom="The answer is right, but no token streams: it comes whole, at the end.",
        cure="LangGraph hears tokens by callbacks that the call finds in the context. In a thread of a pool, in a task "
        "with a context of its own, and in any asyncio task before Python 3.11 there are none, and `callbacks` of your "
        "own replace them. Let the node take `config`, and pass it to the model.",
        wrong="def write(state):\n    answer = pool.submit(model.invoke, prompt).result()",
        right="def write(state, config: RunnableConfig):\n"
        "    answer = pool.submit(model.invoke, prompt, config).result()",
        measure=_lost_context,
    ),
    Pitfall(
        name="values",
        title="`values` where `updates` would do",
        symptom="The stream gets heavier with every step, although each step adds little.",
        cure="`values` sends the whole state after each superstep. To show what changed, `updates` is enough.",
        wrong='graph.astream(state, stream_mode="values")',
        right='graph.astream(state, stream_mode="updates")',
        measure=_whole_state,
    ),
    Pitfall(
        name="no-completion",
        title="No sign of completion",
        symptom="An answer that pauses counts as finished, and one that broke off looks like a whole one.",
        cure="Do not guess from silence. Wait for the end of the stream, and show by a word how it ended.",
        wrong="token = await wait_for(anext(tokens), 0.15)\n# A timeout counts as the end.",
        right='async for token in tokens:\n    show(token)\nshow_state("Completed")',
        measure=_no_completion,
    ),
)
"""Each one works on a graph of its own and takes less than a second."""
