"""LangGraph's event APIs, logged beside the stream modes so that they can be compared.

The engine itself is built on the stream modes: v3 is in beta and stores messages in another form than v2 does.
"""

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import count
from typing import Any

from langchain_core.runnables import RunnableConfig

from streaming.core.events import ApiEvent, Namespace
from streaming.core.request import Api, RunnableGraph
from streaming.core.serialization import from_json, replace_lone_surrogates, to_json

Append = Callable[[ApiEvent, int], None]

_MAX_DATA_BYTES = 4000
"""Larger data is counted and not stored: v2 repeats the whole state in many of its events."""


async def follow_api(
    graph: RunnableGraph,
    api: Api,
    graph_input: Any,
    config: RunnableConfig,
    options: Mapping[str, Any],
    *,
    append: Append,
) -> None:
    """Run the graph by one of the event APIs, and log each of its events with its size as JSON in bytes."""
    if api == "events v2":
        async for event in graph.astream_events(graph_input, config, version="v2", **options):
            append(*_from_v2(event))
        return
    with warnings.catch_warnings():
        # The page says that v3 is in beta, so the server's terminal need not repeat it for every run.
        warnings.filterwarnings("ignore", message="The v3 streaming protocol")
        stream: Any = await graph.astream_events(graph_input, config, version="v3", **options)
    # Otherwise the graph continues when this task is cancelled.
    async with stream:
        await (_typed(stream, append) if api == "events v3, typed" else _raw(stream, append))


def _from_v2(event: Mapping[str, Any]) -> tuple[ApiEvent, int]:
    chunk = event["data"].get("chunk") if event["event"] == "on_chat_model_stream" else None
    metadata = event.get("metadata") or {}
    return _logged(
        event["data"],
        whole=event,
        ns=tuple(str(metadata.get("langgraph_checkpoint_ns", "")).split("|")[:-1]),
        name=event["event"],
        node=metadata.get("langgraph_node", ""),
        text="" if chunk is None else str(chunk.text),
        message_id=event["run_id"] if chunk is not None else "",
    )


async def _raw(stream: Any, append: Append) -> None:
    """Every event of the protocol, in order."""
    async for event in stream:
        params, name = event["params"], event["method"]
        data, node, text, message_id = params["data"], "", "", ""
        if name == "messages":
            message, metadata = data
            node = metadata.get("langgraph_node", "")
            # Only the first event of a message has its id, but all of them have the call's run id.
            message_id = str(metadata.get("run_id") or metadata.get("langgraph_checkpoint_ns", ""))
            kind, text = _read(message)
            name = f"messages: {kind}"
        append(
            *_logged(
                data,
                whole=event,
                ns=tuple(params["namespace"]),
                name=name,
                node=node,
                text=text,
                message_id=message_id,
            )
        )


def _read(message: Any) -> tuple[str, str]:
    """What the channel `messages` holds, and its text: an event of a message, or one whole that a node returned."""
    if isinstance(message, Mapping):
        return str(message["event"]), str((message.get("delta") or {}).get("text") or "")
    return "whole", str(message.text)


async def _typed(stream: Any, append: Append) -> None:
    """The typed projections, each read by its own task, as LangGraph's documentation requires."""
    async with asyncio.TaskGroup() as readers:
        readers.create_task(_messages(stream, append))
        for name in ("values", "lifecycle", "subgraphs"):
            readers.create_task(_projection(name, getattr(stream, name), append))


async def _messages(stream: Any, append: Append) -> None:
    numbers = count()
    async with asyncio.TaskGroup() as readers:
        async for message in stream.messages:
            readers.create_task(_one_message(message, next(numbers), append))


async def _one_message(message: Any, number: int, append: Append) -> None:
    name, node = ".messages[].text", message.node or ""
    message_id = message.message_id or f"message {number}"
    async for piece in message.text:
        append(*_logged(piece, ns=(), name=name, node=node, text=piece, message_id=message_id))


async def _projection(name: str, items: AsyncIterator[Any], append: Append) -> None:
    async for item in items:
        append(*_logged(item, ns=(), name=f".{name}", node=""))


def _logged(
    data: Any,
    *,
    ns: Namespace,
    name: str,
    node: str,
    whole: Any = None,
    text: str = "",
    message_id: str = "",
) -> tuple[ApiEvent, int]:
    payload = to_json(data)
    size = len(payload if whole is None else to_json(whole))
    event = ApiEvent(
        ns=ns,
        name=name,
        node=node,
        shape=shape_of(data),
        text=replace_lone_surrogates(text),
        message_id=message_id,
        data=from_json(payload) if len(payload) <= _MAX_DATA_BYTES else f"({len(payload):,} bytes)",
    )
    return event, size


def shape_of(value: Any) -> str:
    """A short description of a value: the name of its type, the fields of a dict, the types in a tuple."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {type(item).__name__}" for key, item in list(value.items())[:4]) + "}"
    if isinstance(value, tuple):
        return (
            "(" + ", ".join(shape_of(item) if isinstance(item, tuple) else type(item).__name__ for item in value) + ")"
        )
    return type(value).__name__
