"""Vercel's UI message stream (AI SDK 5 and later): the parts of one message of an assistant, for `useChat`."""

from collections.abc import Iterator
from typing import assert_never

import orjson

from streaming.core.events import (
    BoundaryEvent,
    Custom,
    Ended,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    TaskStarted,
    TraceEvent,
    Values,
)
from streaming.wires.base import Json, Numbered, RunFacts, WireEvent, outcome_text
from streaming.wires.finish import finish_word
from streaming.wires.flow import (
    CallAnswered,
    CallClosed,
    CallOpened,
    CallOutput,
    CallStep,
    CallWrote,
    Closed,
    Dropped,
    MessageFlow,
    MessageStep,
    Opened,
    Step,
    Thought,
    Wrote,
)

_HERE: Json = {"dynamic": True, "providerExecuted": True}
"""The server runs the tools itself, and the front end does not know their types."""


class VercelWire:
    """All messages of a run are parts of one message; a step lasts while a model writes."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._numbered = Numbered()
        self._flow = MessageFlow()
        self._writing: set[str] = set()
        self._texts: set[str] = set()
        self._thoughts: set[str] = set()
        self._reason: str | None = None

    def start(self) -> list[WireEvent]:
        """The message begins."""
        return [self._event({"type": "start", "messageId": self._facts.run_id})]

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The parts of this entry."""
        steps = [part for step in self._flow.feed(entry) for part in self._step(step)]
        return [self._event(part) for part in (*steps, *self._other(entry))]

    def end(self) -> list[WireEvent]:
        """`[DONE]`."""
        return [self._numbered.encoded("[DONE]")]

    def _event(self, part: Json) -> WireEvent:
        return self._numbered.event(dict(part), text=part["delta"] if part["type"] == "text-delta" else "")

    def _step(self, step: Step) -> Iterator[Json]:
        return _call(step) if isinstance(step, CallStep) else self._message(step)

    def _message(self, step: MessageStep) -> Iterator[Json]:
        match step:
            case Opened(message=message):
                # The client forgets open texts at the end of a step: it lasts until the last one is closed.
                if not self._writing:
                    yield {"type": "start-step"}
                self._writing.add(message)
            case Thought(message=message, text=text):
                if message not in self._thoughts:
                    self._thoughts.add(message)
                    yield {"type": "reasoning-start", "id": message}
                yield {"type": "reasoning-delta", "id": message, "delta": text}
            case Wrote(message=message, text=text):
                yield from self._end_thought(message)
                if message not in self._texts:
                    self._texts.add(message)
                    yield {"type": "text-start", "id": message}
                yield {"type": "text-delta", "id": message, "delta": text}
            case Closed(message=message, reason=reason):
                self._reason = reason or self._reason
                yield from self._close(message)
            case Dropped(message=message):
                yield {"type": "data-dropped", "data": {"id": message}}
            case _ as never:
                assert_never(never)

    def _close(self, message: str) -> Iterator[Json]:
        yield from self._end_thought(message)
        if message in self._texts:
            self._texts.discard(message)
            yield {"type": "text-end", "id": message}
        self._writing.discard(message)
        if not self._writing:
            yield {"type": "finish-step"}

    def _end_thought(self, message: str) -> Iterator[Json]:
        if message in self._thoughts:
            self._thoughts.discard(message)
            yield {"type": "reasoning-end", "id": message}

    def _other(self, entry: LogEntry) -> Iterator[Json]:
        match entry.event:
            case Custom(data=data):
                yield {"type": "data-custom", "data": data}
            case Values(ns=(), state=state):
                yield {"type": "data-state", "id": "state", "data": state}
            case TaskStarted(node=node, task_id=task):
                yield {"type": "data-node", "id": task, "data": {"node": node, "state": "running"}, "transient": True}
            case TaskEnded(node=node, task_id=task, error=error):
                state = "failed" if error else "done"
                yield {"type": "data-node", "id": task, "data": {"node": node, "state": state}, "transient": True}
            case Ended() as ended:
                yield from self._last(ended)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # tokens and calls come as steps; the protocol has no place for the rest
            case _ as never:
                assert_never(never)

    def _last(self, ended: Ended) -> Iterator[Json]:
        match ended.outcome:
            case "failed" | "timed out":
                yield {"type": "error", "errorText": outcome_text(ended)}
                yield {"type": "finish", "finishReason": "error"}
            case "cancelled":
                yield {"type": "abort", "reason": outcome_text(ended)}
            case "interrupted":
                asked = [{"id": one.id, "node": one.node, "value": one.value} for one in ended.pending]
                yield {"type": "data-interrupt", "data": {"pending": asked, "next": list(ended.next)}}
                yield {"type": "finish", "finishReason": "other"}
            case "completed":
                yield {"type": "finish", "finishReason": finish_word(self._reason).replace("_", "-")}


def _call(step: CallStep) -> Iterator[Json]:
    at: Json = {"toolCallId": step.call}
    match step:
        case CallOpened(tool=tool):
            yield {"type": "tool-input-start", **at, "toolName": tool, **_HERE}
        case CallWrote(arguments=arguments):
            yield {"type": "tool-input-delta", **at, "inputTextDelta": arguments}
        case CallClosed() as closed:
            yield _input(closed)
        case CallOutput(data=output):
            yield {"type": "tool-output-available", **at, "output": output, "preliminary": True, **_HERE}
        case CallAnswered(text=text, failed=True):
            yield {"type": "tool-output-error", **at, "errorText": text or "The tool failed.", **_HERE}
        case CallAnswered(text=text):
            yield {"type": "tool-output-available", **at, "output": text, **_HERE}
        case _ as never:
            assert_never(never)


def _input(closed: CallClosed) -> Json:
    base = {"toolCallId": closed.call, "toolName": closed.tool, **_HERE}
    try:
        event = {"type": "tool-input-available", "input": orjson.loads(closed.arguments or "{}"), **base}
        # It reads values that are nested more deeply than those which it can send.
        orjson.dumps(event)
    except (ValueError, TypeError):
        text = "The arguments of this tool call are not complete JSON, or nested too deeply."
        return {"type": "tool-input-error", "input": closed.arguments, "errorText": text, **base}
    return event
