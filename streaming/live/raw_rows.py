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
from streaming.core.serialization import to_json
from streaming.live.previews import cut, json_text

MAX_CHARS = 2000
"""Characters of the JSON of one part."""

_AS_BEFORE = "as in the first part of this message"


SHORT = 5
"""Length of a row in short: `[seq, t, text, size, base]`."""

_PLAIN = {"type", "id", "content"}
_MAX_SHORT_TEXT = 500
"""Characters; the JSON of a longer text may have to be cut."""
_CONTENT = '"content":'


class RawRows:
    """Gives the rows of one run; a token that differs from an earlier one in its text alone gets a row in short.

    The earlier one, the *base*, is the message's first part without metadata of its own. Every follower has it, because
    rows are sent from the first to the last.
    """

    def __init__(self) -> None:
        self._bases: dict[str, tuple[int, list[Any]]] = {}

    def row(self, entry: LogEntry) -> list[Any] | None:
        """`raw_row` of this entry, or `[seq, t, text, size, base]` with the number of the base."""
        event = entry.event
        if not isinstance(event, Token) or event.metadata or not event.text or _message(event).keys() != _PLAIN:
            return raw_row(entry)
        seq, where = self._bases.get(event.message_id, (entry.seq, []))
        here = ["|".join(event.ns), event.node]
        if seq < entry.seq and where == here and len(event.text) <= _MAX_SHORT_TEXT:
            return [entry.seq, round(entry.t, 4), event.text, entry.size, seq]
        row = raw_row(entry)
        # The JSON must be whole, so that the text in it can be replaced.
        if event.message_id not in self._bases and row is not None and _content(event.text) in row[7]:
            self._bases[event.message_id] = entry.seq, here
        return row


def expanded(short: list[Any], base: list[Any]) -> list[Any]:
    """The whole row of a row in short, from its base: the reference for renderers."""
    seq, t, text, size, _ = short
    content = base[7].replace(_content(base[5]), _content(text), 1)
    return [seq, t, *base[2:5], text, size, content]


def _content(text: str) -> str:
    return _CONTENT + to_json(text).decode()


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
        "response_metadata": {"finish_reason": token.finish_reason} if token.finish_reason else None,
        "refusal": token.refusal,
        "status": "error" if token.tool_error else None,
    }
    text = [{"type": "text", "text": token.text}] if token.text else []
    content = [*text, *token.content] if token.content else token.text
    head = {"type": "AIMessageChunk" if chunk else token.role, "id": token.message_id, "content": content}
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
