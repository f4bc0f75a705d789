"""Messages as LangGraph Server sends them: a chunk of one, or the message so far."""

from typing import (
    Any,
    assert_never,
)

from streaming.core.call_fragments import CallFragments, argument_text
from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    Event,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
    Updates,
)
from streaming.projections.base import append_field


def message_chunk(token: Token) -> dict[str, Any]:
    """The chunk as LangChain writes it as JSON."""
    if token.role == "tool":
        status = "error" if token.tool_error else "success"
        call = {"tool_call_id": token.tool_call_id, "status": status}
        return {"type": "tool", "id": token.message_id, "content": _content(token), **call}
    if token.role != "ai":
        return {"type": token.role, "id": token.message_id, "content": _content(token)}
    return {
        "type": "ai" if token.whole else "AIMessageChunk",
        "id": token.message_id,
        "content": _content(token),
        "additional_kwargs": {"reasoning_content": token.reasoning} if token.reasoning else {},
        "response_metadata": {"finish_reason": token.finish_reason} if token.finish_reason else {},
        "tool_call_chunks": list(token.tool_calls),
        "usage_metadata": token.usage,
    }


def _content(token: Token) -> Any:
    if not token.content:
        return token.text
    return [*([{"type": "text", "text": token.text}] if token.text else []), *token.content]


class GrowingMessages:
    """The messages so far, each as one JSON object, for the events that repeat the whole text."""

    def __init__(self) -> None:
        self._messages: dict[str, dict[str, Any]] = {}
        self._fragments: dict[str, CallFragments] = {}
        self._calls: dict[str, dict[str, dict[str, Any]]] = {}

    def add(self, token: Token) -> dict[str, Any]:
        """The message with this chunk."""
        chunk = message_chunk(token)
        message = self._messages.get(token.message_id)
        if message is None or token.whole:
            message = self._messages[token.message_id] = chunk | ({"type": "ai"} if token.role == "ai" else {})
        else:
            if isinstance(message["content"], str) and isinstance(chunk["content"], str):
                append_field(message, "content", chunk["content"])
            else:
                message["content"] = _joined(message["content"], chunk["content"])
            for name in ("additional_kwargs", "response_metadata"):
                message[name] = _merged(message.get(name, {}), chunk.get(name, {}))
            message["usage_metadata"] = chunk.get("usage_metadata") or message.get("usage_metadata")
        message.pop("tool_call_chunks", None)
        if token.tool_calls:
            message["tool_calls"] = self._add_calls(token)
        return message

    def completed_by(self, event: Event) -> list[dict[str, Any]]:
        """The messages that this event completes: those that its state holds, or all at the end."""
        match event:
            case Updates(deltas=deltas):
                found = {str(item.get("id")) for delta in deltas.values() for item in _messages_in(delta)}
                return [self._messages.pop(name) for name in list(self._messages) if name in found]
            case Attempt(dropped=dropped):
                for name in dropped:
                    self._messages.pop(name, None)
            case Ended():
                rest = list(self._messages.values())
                self._messages.clear()
                return rest
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event ends a message
            case _ as never:
                assert_never(never)
        return []

    def _add_calls(self, token: Token) -> list[dict[str, Any]]:
        calls = self._calls.setdefault(token.message_id, {})
        fragments = self._fragments.setdefault(token.message_id, CallFragments(token.message_id))
        for fragment in token.tool_calls:
            if (name := fragments.call_of(fragment)) is not None:
                call = calls.setdefault(name, {"id": name, "name": "", "args": "", "type": "tool_call"})
                call["name"] = call["name"] or str(fragment.get("name") or "")
                append_field(call, "args", argument_text(fragment.get("args")))
        return list(calls.values())


def _messages_in(delta: Any) -> list[dict[str, Any]]:
    found = delta.get("messages") if isinstance(delta, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _joined(before: Any, piece: Any) -> Any:
    if isinstance(before, str) and isinstance(piece, str):
        return before + piece
    blocks = [[{"type": "text", "text": part}] if isinstance(part, str) else part for part in (before, piece) if part]
    return [block for part in blocks for block in part]


def _merged(before: dict[str, str], piece: dict[str, str]) -> dict[str, str]:
    return {name: before.get(name, "") + piece.get(name, "") for name in {**before, **piece}}
