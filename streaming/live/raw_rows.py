"""A log entry as the part that LangGraph sent, as the code on the page would receive it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
from streaming.core.sent_message import message_of, metadata_of, tells_content
from streaming.core.serialization import to_json
from streaming.live.previews import cut, json_text

MAX_CHARS = 2000
"""Characters of the JSON of one part in its row."""
WHOLE_CHARS = 1_000_000
"""Characters of the JSON of a part that is opened."""

SHORT = 5
"""Length of a row in short: `[seq, t, text, size, base]`."""

_CONTENT = '"content":'
_TOOL_STEPS = {
    "started": ("tool-started", "input"),
    "delta": ("tool-output-delta", "delta"),
    "finished": ("tool-finished", "output"),
    "failed": ("tool-error", "message"),
}
"""LangGraph's name for the event of each step of a tool call, and for its data."""


@dataclass(frozen=True, slots=True)
class _Base:
    """The row that rows in short refer to: its number, what it shares with them, and the length of its JSON."""

    seq: int
    where: tuple[Any, ...]
    length: int


class RawRows:
    """Gives the rows of one run; a token that differs from an earlier one in its text alone gets a row in short.

    The earlier one, the *base*, is the first part of the message that has text. Every follower has it, because rows are
    sent from the first to the last. What the tokens of a message share is in the first of them, so all entries have to
    be read in order, by `read` or by `row`.
    """

    def __init__(self) -> None:
        self._firsts: dict[str, Token] = {}
        self._bases: dict[str, _Base] = {}
        self.seq = 0

    def read(self, entries: Iterable[LogEntry]) -> None:
        """Remember what the rows of later entries need; entries may come again."""
        for entry in entries:
            self.seq = max(self.seq, entry.seq + 1)
            if isinstance(event := entry.event, Token) and event.message_id not in self._firsts:
                self._firsts[event.message_id] = event

    def whole(self, entry: LogEntry) -> list[Any] | None:
        """`[seq, t, mode, ns, node, text, size, json]`, and the length of the JSON if it was cut.

        `None` for the engine's own events.
        """
        self.read([entry])
        event = entry.event
        first = self._firsts.get(event.message_id) if isinstance(event, Token) else None
        return _row(entry, event, first) if isinstance(event, GraphEvent) else None

    def row(self, entry: LogEntry) -> list[Any] | None:
        """`whole` of this entry, or `[seq, t, text, size, base]` with the number of the base."""
        self.read([entry])
        event = entry.event
        if not isinstance(event, Token) or not self._is_plain(event):
            return self.whole(entry)
        where = (event.ns, event.node, event.role, event.whole)
        base = self._bases.get(event.message_id)
        length = len(_content(event.text))
        if base is not None and base.seq < entry.seq and base.where == where and base.length + length <= MAX_CHARS:
            return [entry.seq, round(entry.t, 4), event.text, entry.size, base.seq]
        row = self.whole(entry)
        # The JSON must be whole, so that the text in it can be replaced.
        if base is None and row is not None and len(row[7]) < MAX_CHARS:
            self._bases[event.message_id] = _Base(seq=entry.seq, where=where, length=len(row[7]) - length)
        return row

    def _is_plain(self, token: Token) -> bool:
        """Whether its part differs in its text alone from each other plain part of its message."""
        first = token is self._firsts[token.message_id]
        alone = first or (token.sent is None and token.metadata is None)
        others = token.reasoning or token.tool_calls or token.usage or token.content or token.tool_call_id
        ends = token.finish_reason or token.refusal or token.tool_error
        told = token.sent is None or tells_content(token)
        return bool(token.text) and alone and told and not others and not ends


def whole_part(entries: Sequence[LogEntry], seq: int) -> str | None:
    """The JSON of the part with this number, up to a million characters; `None` if the run has no such part."""
    at = bisect_left(entries, seq, key=lambda entry: entry.seq)
    if at == len(entries) or entries[at].seq != seq or not isinstance(event := entries[at].event, GraphEvent):
        return None
    return cut(json_text(_data(event, _first_of(entries, event))), WHOLE_CHARS)


def _first_of(entries: Sequence[LogEntry], event: GraphEvent) -> Token | None:
    """The first token of the message of a token."""
    if not isinstance(event, Token):
        return None
    tokens = (entry.event for entry in entries if isinstance(entry.event, Token))
    return next((token for token in tokens if token.message_id == event.message_id), None)


def expanded(short: list[Any], base: list[Any]) -> list[Any]:
    """The whole row of a row in short, from its base: the reference for renderers."""
    seq, t, text, size, _ = short
    content = base[7].replace(_content(base[5]), _content(text), 1)
    return [seq, t, *base[2:5], text, size, content]


def _content(text: str) -> str:
    return _CONTENT + to_json(text).decode()


def _row(entry: LogEntry, event: GraphEvent, first: Token | None) -> list[Any]:
    text = getattr(event, "text", "")
    node = ", ".join(event.deltas) if isinstance(event, Updates) else getattr(event, "node", "")
    mode = event.name if isinstance(event, ApiEvent) else event.kind
    content = json_text(_data(event, first))
    length = [len(content)] if len(content) > MAX_CHARS else []
    strings = [cut(part, MAX_CHARS) for part in (mode, "|".join(event.ns), node, text)]
    return [entry.seq, round(entry.t, 4), *strings, entry.size, cut(content, MAX_CHARS), *length]


def _data(event: GraphEvent, first: Token | None) -> Any:
    """The `data` of the part; the whole part where it has more. `first` is the first token of the token's message."""
    match event:
        case Values(ns=ns, state=state, interrupts=interrupts):
            return {"type": "values", "ns": ns, "data": state, "interrupts": interrupts} if interrupts else state
        case Updates(deltas=deltas, interrupts=interrupts, cached=cached):
            extra = {} if interrupts is None else {"__interrupt__": interrupts}
            return {**deltas, **extra, **({"__metadata__": {"cached": True}} if cached else {})}
        case Token():
            metadata = metadata_of(event, first) or {"langgraph_node": event.node}
            return [message_of(event, first) or _message(event), metadata]
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
            return _tool_call(event)
        case ApiEvent():
            return event.data if event.data is not None else {"event": event.name, "data": event.shape}
        case _ as never:
            assert_never(never)


def _message(token: Token) -> dict[str, Any]:
    """A message without its empty fields, for events of earlier versions of the app."""
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

    if event.sent is not None:
        return {**event.sent, "values": event.values}
    return {
        "config": config(event.checkpoint_id),
        "parent_config": config(event.parent_id),
        "values": event.values,
        "metadata": {"source": event.source, "step": event.step},
        "next": event.next,
    }


def _tool_call(event: ToolCalled) -> dict[str, Any]:
    name, field = _TOOL_STEPS[event.step]
    tool = {"tool_name": event.tool} if event.tool else {}
    return {"event": name, "tool_call_id": event.call_id, **tool, field: event.data}
