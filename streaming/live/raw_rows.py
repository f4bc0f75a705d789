"""A log entry as the part that LangGraph sent, as the code on the page would receive it."""

from typing import Any, assert_never

from streaming.core.events import (
    ApiEvent,
    CheckpointSaved,
    Custom,
    Debug,
    GraphEvent,
    LogEntry,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.live.previews import cut, json_text

MAX_CHARS = 2000
"""Characters of the JSON of one part."""

_AS_BEFORE = "as in the first part of this message"


def raw_row(entry: LogEntry) -> list[Any] | None:
    """`[seq, t, mode, ns, node, text, size, json]`; `None` for the engine's own events."""
    event = entry.event
    if not isinstance(event, GraphEvent):
        return None
    text = getattr(event, "text", "")
    node = ", ".join(event.deltas) if isinstance(event, Updates) else getattr(event, "node", "")
    mode = event.name if isinstance(event, ApiEvent) else event.kind
    content = cut(json_text(_data(event)), MAX_CHARS)
    return [entry.seq, round(entry.t, 4), mode, "|".join(event.ns), node, text, entry.size, content]


def _data(event: GraphEvent) -> Any:
    """The `data` of the part."""
    match event:
        case Values(state=state):
            return state
        case Updates(deltas=deltas, interrupts=interrupts, cached=cached):
            extra = {} if interrupts is None else {"__interrupt__": interrupts}
            return {**deltas, **extra, **({"__metadata__": {"cached": True}} if cached else {})}
        case Token():
            return [_message(event), event.metadata or {"langgraph_node": event.node, "…": _AS_BEFORE}]
        case Custom(data=data):
            return data
        case TaskStarted() | TaskEnded():
            return _task(event)
        case CheckpointSaved():
            return _checkpoint(event)
        case Debug():
            head = {"step": event.step, "timestamp": event.timestamp, "type": event.type}
            return {**head, "payload": event.payload}
        case ToolCalled():
            return {"event": event.step, "tool_call_id": event.call_id, "tool_name": event.tool, "data": event.data}
        case ApiEvent():
            return event.data if event.data is not None else {"event": event.name, "data": event.shape}
        case _ as never:
            assert_never(never)


def _message(token: Token) -> dict[str, Any]:
    """A message without its empty fields."""
    chunk = token.role == "ai" and not token.whole
    optional = {
        "reasoning": token.reasoning,
        "tool_call_chunks" if chunk else "tool_calls": token.tool_calls,
        "tool_call_id": token.tool_call_id,
        "usage_metadata": token.usage,
    }
    head = {"type": "AIMessageChunk" if chunk else token.role, "id": token.message_id, "content": token.text}
    return {**head, **{name: value for name, value in optional.items() if value}}


def _task(event: TaskStarted | TaskEnded) -> dict[str, Any]:
    head = {"id": event.task_id, "name": event.node}
    if isinstance(event, TaskStarted):
        return {**head, "input": event.input, "triggers": event.triggers}
    return {**head, "error": event.error, "result": event.result, "interrupts": event.interrupts}


def _checkpoint(event: CheckpointSaved) -> dict[str, Any]:
    def config(checkpoint_id: str | None) -> dict[str, Any] | None:
        return None if checkpoint_id is None else {"configurable": {"checkpoint_id": checkpoint_id}}

    return {
        "config": config(event.checkpoint_id),
        "parent_config": config(event.parent_id),
        "values": event.values,
        "metadata": {"source": event.source, "step": event.step},
        "next": event.next,
    }
