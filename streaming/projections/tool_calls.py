"""Tool calls: the arguments as they are written, the execution of the tool, and its result."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal, assert_never

from streaming.core.call_fragments import CallFragments, argument_text
from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    LogEntry,
    Outcome,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    ToolCalled,
    TraceEvent,
)
from streaming.projections.base import append_text

ToolCallState = Literal[
    "being written", "called", "finished", "failed", "unknown tool", "waiting for a person", "not run", "broken off"
]
"""`called` is a running tool; `not run` a call that no tool has run when its run is completed."""
_OPEN: frozenset[ToolCallState] = frozenset({"being written", "called"})


@dataclass(slots=True, kw_only=True)
class ToolCall:
    """One tool call; times in seconds since submission, `None` for what has not happened yet.

    `message_id` is the message that wrote it; `None` if only its execution has been seen.
    """

    id: str
    message_id: str | None = None
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
    ends. The calls of a dropped message are removed: they will be written again. Calls that wait for a person are known
    when their run has been interrupted.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, ToolCall] = {}
        self._fragments: dict[str, CallFragments] = {}
        self._changed: dict[str, ToolCall] = {}
        self._latest: dict[str, str] = {}

    @property
    def calls(self) -> list[ToolCall]:
        """All calls so far."""
        return list(self._by_id.values())

    def take_changed(self) -> list[ToolCall]:
        """The calls that changed since the last time, in the order of their first change."""
        changed, self._changed = self._changed, {}
        return [call for call in changed.values() if self._by_id.get(call.id) is call]

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Token(role="ai", tool_calls=fragments, message_id=message_id):
                for fragment in fragments:
                    self._fragment(message_id, fragment, entry.t)
            case Token(role="tool") as token:
                self._result(token, entry.t)
            case Attempt(dropped=dropped):
                self._drop(dropped)
            case Ended(outcome=outcome):
                self._end(outcome)
            case ToolCalled() as event:
                self._execution(event, entry.t)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event belongs to a tool call
            case _ as never:
                assert_never(never)

    def _fragment(self, message_id: str, fragment: dict[str, Any], t: float) -> None:
        fragments = self._fragments.setdefault(message_id, CallFragments(message_id))
        sent_id = fragments.call_of(fragment)
        if sent_id is None:
            return
        call_id = self._own_id(sent_id, message_id)
        call = self._by_id.setdefault(call_id, ToolCall(id=call_id, tool="", asked_at=t))
        self._changed[call_id] = call
        call.message_id = call.message_id or message_id
        call.tool = call.tool or str(fragment.get("name") or "")
        if arguments := argument_text(fragment.get("args")):
            append_text(call, arguments, name="arguments")
            call.pieces += 1

    def _own_id(self, sent_id: str, message_id: str) -> str:
        """The id of this message's call: some servers begin to count anew in every answer."""
        latest = self._by_id.get(self._latest.get(sent_id, sent_id))
        if latest is not None and latest.message_id not in (None, message_id):
            self._latest[sent_id] = f"{sent_id}/{message_id}"
        return self._latest.get(sent_id, sent_id)

    def _drop(self, message_ids: Collection[str]) -> None:
        for call in [call for call in self.calls if call.message_id in message_ids]:
            del self._by_id[call.id]
        for message_id in message_ids:
            self._fragments.pop(message_id, None)

    def _end(self, outcome: Outcome) -> None:
        states: dict[Outcome, ToolCallState] = {"interrupted": "waiting for a person", "completed": "not run"}
        for call in self._by_id.values():
            if call.state in _OPEN:
                self._changed[call.id] = call
                call.state = states.get(outcome, "broken off")

    def _result(self, token: Token, t: float) -> None:
        """Close the call of a tool message, unless the `tools` mode has done so already."""
        call_id = self._latest.get(token.tool_call_id or "", token.tool_call_id)
        if call_id and (call := self._by_id.get(call_id)) is not None and call.ended_at is None:
            self._changed[call.id] = call
            call.state, call.result, call.ended_at = token.tool_error or "finished", token.text, t

    def _execution(self, event: ToolCalled, t: float) -> None:
        call_id = self._latest.get(event.call_id, event.call_id)
        call = self._by_id.setdefault(call_id, ToolCall(id=call_id, tool=event.tool, asked_at=t))
        self._changed[call.id] = call
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
