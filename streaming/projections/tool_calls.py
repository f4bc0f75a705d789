"""Tool calls: the arguments as they are written, the execution of the tool, and its result."""

from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    ToolCalled,
    TraceEvent,
)

ToolCallState = Literal["being written", "called", "finished", "failed"]


@dataclass(slots=True, kw_only=True)
class ToolCall:
    """One tool call; times in seconds since submission, `None` for what has not happened yet."""

    id: str
    tool: str
    asked_at: float
    arguments: str = ""
    pieces: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    output: list[Any] = field(default_factory=list)
    result: Any = None
    state: ToolCallState = "being written"

    @property
    def seconds(self) -> float | None:
        """How long the tool ran."""
        return None if self.started_at is None or self.ended_at is None else self.ended_at - self.started_at


class ToolCalls:
    """Tool calls in the order in which the model wrote them.

    The mode `messages` has the arguments and the result, `tools` the times at which the tool starts, sends output and
    ends. The calls of a dropped message are removed: they will be written again.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, ToolCall] = {}
        self._open: dict[tuple[str, int], ToolCall] = {}

    @property
    def calls(self) -> list[ToolCall]:
        """All calls so far."""
        return list(self._by_id.values())

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Token(role="ai", tool_calls=pieces, message_id=message_id):
                for position, piece in enumerate(pieces):
                    self._arguments(message_id, position, piece, entry.t)
            case Token(role="tool") as token:
                self._result(token, entry.t)
            case Attempt(dropped=dropped):
                for key in [key for key in self._open if key[0] in dropped]:
                    self._by_id.pop(self._open.pop(key).id, None)
            case ToolCalled() as event:
                self._execution(event, entry.t)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event belongs to a tool call
            case _ as never:
                assert_never(never)

    def _arguments(self, message_id: str, position: int, piece: dict[str, Any], t: float) -> None:
        index = piece.get("index")
        key = (message_id, position if index is None else index)
        if piece.get("id") and key not in self._open:
            call = self._by_id.setdefault(
                piece["id"], ToolCall(id=piece["id"], tool=piece.get("name") or "", asked_at=t)
            )
            self._open[key] = call
        if (opened := self._open.get(key)) is not None and piece.get("args"):
            opened.arguments += piece["args"] if isinstance(piece["args"], str) else repr(piece["args"])
            opened.pieces += 1

    def _result(self, token: Token, t: float) -> None:
        """Close the call of a tool message, unless the `tools` mode has done so already."""
        call_id = token.tool_call_id
        if call_id and (call := self._by_id.get(call_id)) is not None and call.ended_at is None:
            call.state, call.result, call.ended_at = "finished", token.text, t

    def _execution(self, event: ToolCalled, t: float) -> None:
        call = self._by_id.setdefault(event.call_id, ToolCall(id=event.call_id, tool=event.tool, asked_at=t))
        match event.step:
            case "started":
                call.state, call.started_at = "called", t
            case "delta":
                call.output.append(event.data)
            case "finished":
                message = event.data if isinstance(event.data, dict) else {"content": event.data}
                # A tool that handles its own error finishes; the status of its message is the only sign of the error.
                call.state = "failed" if message.get("status") == "error" else "finished"
                call.ended_at, call.result = t, message.get("content")
            case "failed":
                call.state, call.ended_at, call.result = "failed", t, event.data
            case _:
                assert_never(event.step)
