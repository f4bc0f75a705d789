"""The messages of a run as steps that always have a beginning and an end, as most protocols demand.

A log says what arrived. A protocol wants a message to be opened once, written, and closed; tool calls to be complete
before their results; and nothing open at the end. The steps here keep these rules whatever the log holds.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import (
    Any,
    assert_never,
)

from streaming.core.call_fragments import CallFragments, argument_text
from streaming.core.events import (
    ApiEvent,
    Attempt,
    BoundaryEvent,
    Ended,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    TaskStarted,
    Token,
    ToolCalled,
    TraceEvent,
    Updates,
)
from streaming.projections.base import append_field, append_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message of a model begins."""

    message: str
    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """A piece of text."""

    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """A piece of reasoning."""

    message: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOpened:
    """A tool call begins; `message` is the message that makes it, empty if that is not known."""

    call: str
    tool: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWrote:
    """A piece of a tool call's arguments, as JSON text."""

    call: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallClosed:
    """The arguments of a tool call are complete: `arguments` is all of them."""

    call: str
    tool: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutput:
    """A tool that still runs has sent a part of its output."""

    call: str
    data: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered:
    """The result of a tool call, or the text of its error; `message` is the id of the tool's message."""

    call: str
    message: str
    text: str
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A message is complete; `reason` is why, in the provider's own word."""

    message: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A message is withdrawn: it will be written again under another id. It has been closed before."""

    message: str


MessageStep = Opened | Wrote | Thought | Closed | Dropped
CallStep = CallOpened | CallWrote | CallClosed | CallOutput | CallAnswered
Step = MessageStep | CallStep


@dataclass(slots=True, kw_only=True)
class _Message:
    id: str
    key: tuple[Namespace, str]
    text: str = ""
    reasoning: bool = False
    reason: str | None = None
    calls: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Call:
    tool: str
    arguments: str = ""
    closed: bool = False
    answered: bool = False


class MessageFlow:
    """Steps of a run's messages, and the usage of tokens that its providers report."""

    def __init__(self) -> None:
        self.usage: dict[str, dict[str, Any]] = {}
        self._open: dict[str, _Message] = {}
        self._versions: Counter[str] = Counter()
        self._written: dict[str, str] = {}
        self._calls: dict[str, _Call] = {}
        self._fragments: dict[str, CallFragments] = {}
        self._running: Counter[tuple[Namespace, str]] = Counter()

    def feed(self, entry: LogEntry) -> list[Step]:
        """The steps of this log entry."""
        match entry.event:
            case Token() | ApiEvent() | ToolCalled() as event:
                return list(self._output(event))
            case TaskStarted(ns=ns, node=node):
                self._running[ns, node] += 1
            case TaskEnded(ns=ns, node=node):
                self._running[ns, node] -= 1
                if self._running[ns, node] <= 0:
                    return self._close_of(ns, node)
            case Updates(ns=ns, deltas=deltas):
                return [step for node in deltas for step in self._close_only_one(ns, node)]
            case Attempt(dropped=dropped):
                return [step for message in dropped for step in self._drop(message)]
            case Ended():
                return self._close_all()
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event is part of a message or a call
            case _ as never:
                assert_never(never)
        return []

    def _output(self, event: Token | ApiEvent | ToolCalled) -> Iterator[Step]:
        match event:
            case Token(role="tool") as token:
                yield from self._close_callers(token.tool_call_id or "")
                yield from self._tool_message(token)
            case Token(role="ai") as token:
                yield from self._token(token)
            case ApiEvent(ns=ns, message_id=message_id, node=node, text=text) if text:
                # A run that was read by an event API has its text there.
                yield from self._token(Token(ns=ns, message_id=message_id, node=node, role="ai", text=text))
            case ToolCalled() as call:
                yield from self._close_callers(call.call_id)
                yield from self._execution(call)
            case Token() | ApiEvent():
                pass  # a prompt, or an event without text
            case _ as never:
                assert_never(never)

    def total_usage(self) -> dict[str, int]:
        """Tokens of all messages by their kind, as LangChain names them; empty if no provider has counted."""
        kinds = ("input_tokens", "output_tokens", "total_tokens")
        counts = Counter({kind: 0 for kind in kinds})
        for usage in self.usage.values():
            counts.update({kind: count for kind in kinds if isinstance(count := usage.get(kind), int)})
        return dict(counts) if self.usage else {}

    def _token(self, token: Token) -> Iterator[Step]:
        if token.usage:
            self.usage[token.message_id] = token.usage
        text = self._new_text(token)
        # A whole message repeats what was streamed.
        reasoning = "" if token.whole and token.message_id in self._written else token.reasoning
        message = self._open.get(token.message_id)
        if message is None:
            if not (text or reasoning or self._has_news(token)):
                return
            self._versions[token.message_id] += 1
            version = self._versions[token.message_id]
            name = token.message_id if version == 1 else f"{token.message_id}/{version}"
            message = self._open[token.message_id] = _Message(id=name, key=(token.ns, token.node))
            self._written.setdefault(token.message_id, "")
            yield Opened(message=message.id, node=token.node)
        if reasoning:
            yield Thought(message=message.id, text=reasoning)
        if text:
            append_field(self._written, token.message_id, text)
            yield Wrote(message=message.id, text=text)
        for fragment in token.tool_calls:
            yield from self._fragment(token, message, fragment)
        if token.finish_reason or token.whole:
            message.reason = token.finish_reason
            yield from self._close(token.message_id)

    def _new_text(self, token: Token) -> str:
        """The text that was not written yet: a whole message may repeat what has come in chunks."""
        written = self._written.get(token.message_id, "")
        return token.text.removeprefix(written) if token.whole and written else token.text

    def _has_news(self, token: Token) -> bool:
        known = token.message_id in self._written
        return not known or any(str(call.get("id") or "") not in self._calls for call in token.tool_calls)

    def _fragment(self, token: Token, message: _Message, fragment: dict[str, Any]) -> Iterator[Step]:
        fragments = self._fragments.setdefault(token.message_id, CallFragments(token.message_id))
        name = fragments.call_of(fragment)
        if name is None:
            return
        call = self._calls.get(name)
        if call is None:
            call = self._calls[name] = _Call(tool=str(fragment.get("name") or "tool"))
            message.calls[name] = None
            yield CallOpened(call=name, tool=call.tool, message=message.id)
        arguments = argument_text(fragment.get("args"))
        if arguments and not call.closed and not (token.whole and call.arguments):
            append_text(call, arguments, name="arguments")
            yield CallWrote(call=name, arguments=arguments)

    def _tool_message(self, token: Token) -> Iterator[Step]:
        name = token.tool_call_id or ""
        if not name:
            return
        yield from self._know(name, token.node)
        if not self._calls[name].answered:
            self._calls[name].answered = True
            failed = token.tool_error is not None
            yield CallAnswered(call=name, message=token.message_id, text=token.text, failed=failed)

    def _execution(self, event: ToolCalled) -> Iterator[Step]:
        yield from self._know(event.call_id, event.tool or "tool")
        call = self._calls[event.call_id]
        if call.answered:
            return
        if event.step == "delta":
            yield CallOutput(call=event.call_id, data=event.data)
        elif event.step in ("finished", "failed"):
            call.answered = True
            message = event.data if isinstance(event.data, dict) else {"content": event.data}
            failed = event.step == "failed" or message.get("status") == "error"
            answer = str(message.get("id") or f"{event.call_id}/result")
            yield CallAnswered(call=event.call_id, message=answer, text=_as_text(message.get("content")), failed=failed)

    def _know(self, name: str, tool: str) -> Iterator[Step]:
        """Open and close a call that only its execution shows."""
        if name not in self._calls:
            self._calls[name] = _Call(tool=tool, closed=True)
            yield CallOpened(call=name, tool=tool, message="")
            yield CallClosed(call=name, tool=tool, arguments="")

    def _close_callers(self, call: str) -> list[Step]:
        callers = [key for key, message in self._open.items() if call in message.calls]
        return [step for key in callers for step in self._close(key)]

    def _close_of(self, ns: Namespace, node: str) -> list[Step]:
        keys = [key for key, message in self._open.items() if message.key == (ns, node)]
        return [step for key in keys for step in self._close(key)]

    def _close_only_one(self, ns: Namespace, node: str) -> Sequence[Step]:
        """Close the node's message when its update comes; of several tasks it is not known which one has ended."""
        keys = [key for key, message in self._open.items() if message.key == (ns, node)]
        return self._close(keys[0]) if len(keys) == 1 else ()

    def _close(self, key: str) -> list[Step]:
        message = self._open.pop(key, None)
        if message is None:
            return []
        steps: list[Step] = []
        for name in message.calls:
            call = self._calls[name]
            if not call.closed:
                call.closed = True
                steps.append(CallClosed(call=name, tool=call.tool, arguments=call.arguments))
        return [*steps, Closed(message=message.id, reason=message.reason)]

    def _close_all(self) -> list[Step]:
        return [step for key in list(self._open) for step in self._close(key)]

    def _drop(self, message_id: str) -> list[Step]:
        steps = self._close(message_id)
        version = self._versions[message_id]
        if not version:
            return steps
        name = message_id if version == 1 else f"{message_id}/{version}"
        self._written.pop(message_id, None)
        self._fragments.pop(message_id, None)
        self.usage.pop(message_id, None)
        return [*steps, Dropped(message=name)]


def _as_text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "" if content is None else argument_text(content)
