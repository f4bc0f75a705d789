"""What LangGraph sends, in every way to call it, as golden files; `python -m tools.record_golden` records them again.

Each file holds one stream of one small graph, one part a line: the raw shape as LangGraph sends it, and the event that
the engine makes of it. Ids, times and versions are replaced, so that a line changes only if LangGraph does.
"""

import dataclasses
import json
import re
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, ToolRuntime
from langgraph.types import Send, interrupt
from pydantic import BaseModel

from streaming.core.events import MODES, ApiEvent
from streaming.core.request import Api, CompiledGraph
from streaming.runtime.event_apis import follow_api
from streaming.runtime.stream_parts import StreamPartDecoder
from tests.support.graphs import ChunkModel, State

FOLDER = Path(__file__).parent / "data" / "langgraph"
ALL_MODES: list[str] = [*MODES, "tools"]

Line = Any
"""One part as plain JSON: its raw shape, and the event that it is decoded to."""


def answering() -> CompiledGraph:
    """A model's answer with reasoning, usage and a finish reason, a custom event, and a question."""
    usage: Any = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    model = ChunkModel(
        chunks=[
            AIMessageChunk(content=[{"type": "reasoning", "reasoning": "hm", "index": 0}]),
            AIMessageChunk(content=[{"type": "text", "text": "Hel", "index": 1}]),
            AIMessageChunk(content=[{"type": "text", "text": "lo", "index": 1}]),
            AIMessageChunk(content="", usage_metadata=usage, response_metadata={"finish_reason": "stop"}),
        ]
    )

    async def write(state: State) -> State:
        get_stream_writer()({"progress": 0.5})
        return {"text": str((await model.with_config(tags=["answer"]).ainvoke("Hello")).text)}

    def approve(state: State) -> State:
        return {"parts": [interrupt({"question": "Send it?"})]}

    graph = StateGraph(State)
    graph.add_sequence([write, approve])
    graph.add_edge(START, "write")
    return graph.compile(checkpointer=InMemorySaver())


def nested() -> CompiledGraph:
    """A graph in a graph, whose node asks a model."""
    model = ChunkModel(chunks=[AIMessageChunk(content="in"), AIMessageChunk(content="side")])

    async def inner(state: State) -> State:
        return {"parts": [str((await model.ainvoke("Hello")).text)]}

    inside = StateGraph(State)
    inside.add_node("inner", inner)
    inside.add_edge(START, "inner")
    graph = StateGraph(State)
    graph.add_node("outer", inside.compile())
    graph.add_edge(START, "outer")
    return graph.compile(checkpointer=InMemorySaver())


@tool
async def count_up(to: int, runtime: ToolRuntime) -> str:
    """Count."""
    for number in range(to):
        runtime.emit_output_delta(f"{number} ")
    return "counted"


@tool
async def break_down() -> str:
    """Fail."""
    raise ValueError("broken")


def with_tools() -> CompiledGraph:
    """A tool that answers in pieces, one that fails, and one that does not exist, called one after the other."""

    def call(name: str, **args: Any) -> Any:
        message = AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"call-{name}"}], id=f"asks-{name}")
        return lambda state: {"messages": [message]}

    graph = StateGraph(MessagesState)
    calls = {"count_up": {"to": 2}, "break_down": {}, "unknown": {}}
    before = START
    for name, args in calls.items():
        graph.add_node(f"ask_{name}", call(name, **args))
        graph.add_node(f"run_{name}", ToolNode([count_up, break_down], handle_tool_errors=True))
        graph.add_edge(before, f"ask_{name}")
        graph.add_edge(f"ask_{name}", f"run_{name}")
        before = f"run_{name}"
    return graph.compile(checkpointer=InMemorySaver())


def failing() -> CompiledGraph:
    """A node that fails."""

    def fail(state: State) -> State:
        raise ValueError("broken")

    graph = StateGraph(State)
    graph.add_node("only", fail)
    graph.add_edge(START, "only")
    return graph.compile(checkpointer=InMemorySaver())


def breakpoint_before() -> CompiledGraph:
    """A static breakpoint."""
    graph = StateGraph(State)
    graph.add_node("only", lambda state: {"text": "done"})
    graph.add_edge(START, "only")
    return graph.compile(checkpointer=InMemorySaver(), interrupt_before=["only"])


def parallel_questions() -> CompiledGraph:
    """Two tasks of one node, sent one after the other in a superstep, that ask."""

    async def ask(state: Any) -> State:
        return {"parts": [interrupt({"question": state["number"]})]}

    graph = StateGraph(State)
    graph.add_node("ask", ask)
    graph.add_conditional_edges(START, lambda _: [Send("ask", {"number": number}) for number in (1, 2)], ["ask"])
    return graph.compile(checkpointer=InMemorySaver())


GRAPHS: dict[str, Callable[[], Any]] = {
    graph.__name__: graph for graph in (answering, nested, with_tools, failing, breakpoint_before, parallel_questions)
}

Stream = Callable[[Any], AsyncIterator[Line]]


def config() -> RunnableConfig:
    """The config of a stream."""
    return {"configurable": {"thread_id": "golden"}}


async def v2(graph: Any) -> AsyncIterator[Line]:
    """All modes, as the engine calls them: dicts."""
    decoder = StreamPartDecoder()
    stream: Any = graph.astream({}, config(), stream_mode=ALL_MODES, subgraphs=True, version="v2")
    async for part in stream:
        raw = plain(part)
        event, _ = await decoder.decode(part)
        yield {"part": raw, "event": plain(event)}


def v1(mode: str | list[str], *, subgraphs: bool) -> Stream:
    """The older form: the payload, or a tuple of it with the namespace, the mode, or both."""

    async def stream(graph: Any) -> AsyncIterator[Line]:
        parts: Any = graph.astream({}, config(), stream_mode=mode, subgraphs=subgraphs)
        async for part in parts:
            yield {"part": plain(part)}

    return stream


def event_api(api: Api) -> Stream:
    """An event API: what LangGraph sends as the engine logs it."""

    async def stream(graph: Any) -> AsyncIterator[Line]:
        logged: list[ApiEvent] = []
        try:
            await follow_api(graph, api, {}, config(), {}, append=lambda event, _: logged.append(event))
        finally:
            for event in logged:
                yield {"event": plain(event)}

    return stream


async def raw_events_v2(graph: Any) -> AsyncIterator[Line]:
    """The events of version 2 as LangGraph sends them."""
    async for event in graph.astream_events({}, config(), version="v2"):
        yield {"part": plain(event)}


async def raw_events_v3(graph: Any) -> AsyncIterator[Line]:
    """The events of version 3 as LangGraph sends them."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The v3 streaming protocol")
        opened: Any = await graph.astream_events({}, config(), version="v3")
    async with opened:
        async for event in opened:
            yield {"part": plain(event)}


STREAMS: dict[str, Stream] = {
    "v2": v2,
    "v1_all_modes_subgraphs": v1(ALL_MODES, subgraphs=True),
    "v1_two_modes": v1(["updates", "messages"], subgraphs=False),
    "v1_one_mode_subgraphs": v1("updates", subgraphs=True),
    "v1_one_mode": v1("messages", subgraphs=False),
    "events_v2": raw_events_v2,
    "events_v2_logged": event_api("events v2"),
    "events_v3": raw_events_v3,
    "events_v3_logged": event_api("events v3"),
}

CASES: list[tuple[str, str]] = [
    *((graph, "v2") for graph in GRAPHS),
    *(("answering", name) for name in STREAMS if name != "v2"),
    *(("nested", name) for name in ("v1_all_modes_subgraphs", "v1_one_mode_subgraphs", "events_v2", "events_v3")),
    *(("with_tools", name) for name in ("events_v2", "events_v3")),
    *(("parallel_questions", name) for name in ("v1_one_mode_subgraphs", "events_v3")),
    *(("failing", name) for name in ("events_v2", "events_v3")),
]
"""A graph and a stream of it, each of which has a file."""


def path_of(graph: str, stream: str) -> Path:
    """The golden file."""
    return FOLDER / f"{graph}.{stream}.jsonl"


async def streamed(graph: str, stream: str) -> list[Line]:
    """What LangGraph sends now, without ids, times and versions; the error that ends the stream is the last line."""
    lines: list[Line] = []
    try:
        async for line in STREAMS[stream](GRAPHS[graph]()):
            lines.append(line)
    except Exception as error:
        lines.append({"raised": plain(error)})
    return without_ids(lines)


def recorded(graph: str, stream: str) -> list[Line]:
    """What the golden file holds."""
    return [json.loads(line) for line in path_of(graph, stream).read_text().splitlines()]


def write(graph: str, stream: str, lines: list[Line]) -> None:
    """Record these lines."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path_of(graph, stream).write_text(content)


def plain(value: Any) -> Any:
    """The value as JSON, in which a tuple, a message and any other object still differ from a list and a dict."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case BaseMessage():
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            return {"<type>": type(value).__name__, **{name: plain(item) for name, item in fields.items() if item}}
        case Mapping():
            return {str(name): plain(item) for name, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case tuple():
            return {"<tuple>": [plain(item) for item in value]}
        case BaseException():
            return {"<type>": type(value).__name__, "text": str(value)}
        case BaseModel():
            return {
                "<type>": type(value).__name__,
                **{name: plain(getattr(value, name)) for name in type(value).model_fields},
            }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
        return {"<type>": type(value).__name__, **{name: plain(item) for name, item in fields.items()}}
    return {"<type>": type(value).__name__}


_IDS = re.compile(
    r"lc_run--[0-9a-f-]+|run--[0-9a-f-]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b"
)
_TIMES = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)?")
_CLOCKS = frozenset({"timestamp", "seq", "ts", "duration", "langgraph_request_id"})
_VERSIONS = re.compile(r"version", re.IGNORECASE)


def without_ids(lines: list[Line]) -> list[Line]:
    """The lines with numbers, in the order of their appearance, in place of ids, and without times and versions."""
    names: dict[str, str] = {}

    def changed(value: Any, name: str = "") -> Any:
        if _VERSIONS.search(name) and value:
            return "<version>"
        match value:
            case str():
                timeless = _TIMES.sub("<time>", value)
                return _IDS.sub(lambda found: names.setdefault(found[0], f"<id {len(names) + 1}>"), timeless)
            case int() | float() if name in _CLOCKS and not isinstance(value, bool):
                return f"<{name}>"
            case dict():
                return {changed(key): changed(item, key) for key, item in value.items()}
            case list():
                return [changed(item) for item in value]
        return value

    return [changed(line) for line in lines]
