"""LangGraph's event APIs, logged beside the stream modes so that they can be compared.

The engine itself is built on the stream modes: v3 is in beta and stores messages in another form than v2 does.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, Protocol, runtime_checkable

from langchain_core.runnables import RunnableConfig

from streaming.core.events import ApiEvent, Namespace
from streaming.core.request import Api, RunnableGraph
from streaming.core.serialization import json_size, replace_lone_surrogates, to_plain
from streaming.own_graphs.worker.event_streams import send_events

Append = Callable[[ApiEvent, int], None]

_MAX_DATA_BYTES = 4000
"""Larger data is counted and not stored: v2 repeats the whole state in many of its events."""


@runtime_checkable
class ReadsEvents(Protocol):
    """A graph of another process, whose events arrive as values."""

    def aread_events(self, api: Api, graph_input: Any, config: Any, /, **options: Any) -> AsyncGenerator[Any, None]:
        """The items of an event API, in the shape of `own_graphs.worker.event_streams`."""


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
    logged = {"events v2": _from_v2, "events v3": _from_v3, "events v3, typed": _from_typed}[api]

    def put(item: Any) -> None:
        append(*logged(item))

    if isinstance(graph, ReadsEvents):
        async with aclosing(graph.aread_events(api, graph_input, config, **options)) as items:
            async for item in items:
                put(item)
    else:
        await send_events(graph, api, graph_input, config, dict(options), put)


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


def _from_v3(event: Mapping[str, Any]) -> tuple[ApiEvent, int]:
    params, name = event["params"], event["method"]
    data, node, text, message_id = params["data"], "", "", ""
    if name == "messages":
        message, metadata = data
        node = metadata.get("langgraph_node", "")
        # Only the first event of a message has its id, but all of them have the call's run id.
        message_id = str(metadata.get("run_id") or metadata.get("langgraph_checkpoint_ns", ""))
        kind, text = _read(message)
        name = f"messages: {kind}"
    ns = tuple(params["namespace"])
    return _logged(data, whole=event, ns=ns, name=name, node=node, text=text, message_id=message_id)


def _read(message: Any) -> tuple[str, str]:
    """What the channel `messages` holds, and its text: an event of a message, or one whole that a node returned."""
    if isinstance(message, Mapping):
        return str(message["event"]), str((message.get("delta") or {}).get("text") or "")
    return "whole", str(message.text)


def _from_typed(item: Mapping[str, Any]) -> tuple[ApiEvent, int]:
    return _logged(
        item["data"],
        ns=(),
        name=item["name"],
        node=item.get("node", ""),
        text=item.get("text", ""),
        message_id=item.get("message_id", ""),
    )


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
    data_size = json_size(data)
    event = ApiEvent(
        ns=ns,
        name=name,
        node=node,
        shape=shape_of(data),
        text=replace_lone_surrogates(text),
        message_id=message_id,
        data=to_plain(data) if data_size <= _MAX_DATA_BYTES else f"({data_size:,} bytes)",
    )
    return event, data_size if whole is None else json_size(whole)


def shape_of(value: Any) -> str:
    """A short description of a value: the name of its type, the fields of a dict, the types in a tuple."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {type(item).__name__}" for key, item in list(value.items())[:4]) + "}"
    if isinstance(value, tuple):
        return (
            "(" + ", ".join(shape_of(item) if isinstance(item, tuple) else type(item).__name__ for item in value) + ")"
        )
    return type(value).__name__
