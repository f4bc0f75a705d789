"""The text of each message, and the node that wrote it."""

from dataclasses import dataclass, field
from typing import Any, assert_never

from streaming.core.call_fragments import CallFragments, argument_text
from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)
from streaming.core.message_content import content_part
from streaming.projections.base import append_field, append_text


@dataclass(slots=True, kw_only=True)
class StreamedMessage:
    """One message as it grows; times in seconds since submission, `None` for what has not happened yet.

    `parts` are the content blocks that are neither text nor reasoning, by their type and media type, with their size in
    bytes.
    """

    message_id: str
    node: str
    ns: Namespace
    role: str
    tags: tuple[str, ...]
    started_at: float
    text: str = ""
    reasoning: str = ""
    tool_calls: dict[str, dict[str, str]] = field(default_factory=dict)
    first_reasoning_at: float | None = None
    last_reasoning_at: float | None = None
    first_text_at: float | None = None
    last_text_at: float | None = None
    chunks: int = 0
    whole: bool = False
    usage: dict[str, Any] | None = None
    parts: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def thought_s(self) -> float | None:
        """How long the model thought: from the first reasoning to the first text, or to the last reasoning."""
        if self.first_reasoning_at is None or self.last_reasoning_at is None:
            return None
        end = self.last_reasoning_at if self.first_text_at is None else self.first_text_at
        return max(end - self.first_reasoning_at, 0.0)


class Messages:
    """Messages by id, in the order of their first event. A dropped message is removed: it will be written again."""

    def __init__(self) -> None:
        self.messages: dict[str, StreamedMessage] = {}
        self._fragments: dict[str, CallFragments] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Attempt(dropped=dropped):
                for message_id in dropped:
                    self.messages.pop(message_id, None)
                    self._fragments.pop(message_id, None)
            case Token() as token:
                self._token(token, entry.t)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event carries a part of a message
            case _ as never:
                assert_never(never)

    def _token(self, token: Token, t: float) -> None:
        message = self.messages.get(token.message_id)
        if message is None:
            message = self.messages[token.message_id] = _open(token, t)
        # A whole message repeats the reasoning that was streamed.
        if token.reasoning and not (token.whole and message.reasoning):
            append_text(message, token.reasoning, name="reasoning")
            message.last_reasoning_at = t
            if message.first_reasoning_at is None:
                message.first_reasoning_at = t
        for block in token.content:
            kind, size = content_part(block)
            message.parts[kind] = message.parts.get(kind, 0) + size
        message.usage = token.usage or message.usage
        for fragment in token.tool_calls:
            self._call(message, fragment)
        if token.text:
            if token.whole:
                message.text = ""
            append_text(message, token.text)
            message.chunks += 1
            message.last_text_at = t
            if message.first_text_at is None:
                message.first_text_at = t

    def _call(self, message: StreamedMessage, fragment: dict[str, Any]) -> None:
        """Add one fragment of a tool call: its name comes once, the arguments as pieces of a JSON string."""
        fragments = self._fragments.setdefault(message.message_id, CallFragments(message.message_id))
        if (call_id := fragments.call_of(fragment)) is not None:
            call = message.tool_calls.setdefault(call_id, {"name": "", "args": ""})
            call["name"] = call["name"] or str(fragment.get("name") or "")
            append_field(call, "args", argument_text(fragment.get("args")))

    def answers(
        self, *, nodes: frozenset[str] | None = None, tags: frozenset[str] | None = None
    ) -> list[StreamedMessage]:
        """Messages of the model that have text; only those of these nodes, and with at least one of these tags."""
        return [
            message
            for message in self.messages.values()
            if message.role == "ai"
            and message.text
            and (nodes is None or message.node in nodes)
            and (tags is None or tags & set(message.tags))
        ]


def _open(token: Token, t: float) -> StreamedMessage:
    return StreamedMessage(
        message_id=token.message_id,
        node=token.node,
        ns=token.ns,
        role=token.role,
        tags=token.tags,
        started_at=t,
        whole=token.whole,
    )
