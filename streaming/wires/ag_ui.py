"""AG-UI 1.0: text messages, reasoning, tool calls, steps, state and the outcome of a run, as typed events."""

from collections.abc import Iterator
from typing import Any, assert_never

from streaming.core.events import (
    BoundaryEvent,
    Custom,
    Ended,
    LogEntry,
    Namespace,
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

PROTOCOL_VERSION = "1.0"


class AgUiWire:
    """Each event is one JSON object with a `type`; events have no names of their own."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._numbered = Numbered()
        self._flow = MessageFlow()
        self._texts: set[str] = set()
        self._steps: dict[str, str] = {}
        self._thoughts: dict[str, str] = {}
        self._thought_count = 0

    def start(self) -> list[WireEvent]:
        """RUN_STARTED."""
        ids = {"threadId": self._facts.thread_id, "runId": self._facts.run_id}
        return [self._event({"type": "RUN_STARTED", **ids, "protocolVersion": PROTOCOL_VERSION})]

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The events of this entry."""
        steps = [event for step in self._flow.feed(entry) for event in self._step(step)]
        return [self._event(data) for data in (*steps, *self._other(entry))]

    def end(self) -> list[WireEvent]:
        """Nothing: RUN_FINISHED or RUN_ERROR was the last event."""
        return []

    def _event(self, data: Json) -> WireEvent:
        text = data["delta"] if data["type"] == "TEXT_MESSAGE_CONTENT" else ""
        return self._numbered.event(dict(data), text=text)

    def _step(self, step: Step) -> Iterator[Json]:
        return self._call(step) if isinstance(step, CallStep) else self._message(step)

    def _message(self, step: MessageStep) -> Iterator[Json]:
        match step:
            case Opened():
                pass  # its first piece begins it: a message may hold nothing but reasoning or tool calls
            case Thought(message=message, text=text):
                yield from self._think(message, text)
            case Wrote(message=message, text=text):
                yield from self._end_thought(message)
                if message not in self._texts:
                    self._texts.add(message)
                    yield {"type": "TEXT_MESSAGE_START", "messageId": message, "role": "assistant"}
                yield {"type": "TEXT_MESSAGE_CONTENT", "messageId": message, "delta": text}
            case Closed(message=message):
                yield from self._end_thought(message)
                if message in self._texts:
                    self._texts.discard(message)
                    yield {"type": "TEXT_MESSAGE_END", "messageId": message}
            case Dropped(message=message):
                yield {"type": "CUSTOM", "name": "message_dropped", "value": {"messageId": message}}
            case _ as never:
                assert_never(never)

    def _call(self, step: CallStep) -> Iterator[Json]:
        match step:
            case CallOpened(call=call, tool=tool, message=message):
                yield from self._end_thought(message)
                parent = {"parentMessageId": message} if message else {}
                yield {"type": "TOOL_CALL_START", "toolCallId": call, "toolCallName": tool, **parent}
            case CallWrote(call=call, arguments=arguments):
                yield {"type": "TOOL_CALL_ARGS", "toolCallId": call, "delta": arguments}
            case CallClosed(call=call):
                yield {"type": "TOOL_CALL_END", "toolCallId": call}
            case CallOutput(call=call, data=output):
                yield {"type": "CUSTOM", "name": "tool_output", "value": {"toolCallId": call, "data": output}}
            case CallAnswered(call=call, message=message, text=text):
                ids = {"messageId": message, "toolCallId": call}
                yield {"type": "TOOL_CALL_RESULT", **ids, "content": text, "role": "tool"}
            case _ as never:
                assert_never(never)

    def _think(self, message: str, text: str) -> Iterator[Json]:
        name = self._thoughts.get(message)
        if name is None:
            self._thought_count += 1
            name = self._thoughts[message] = f"{message}/reasoning/{self._thought_count}"
            yield {"type": "REASONING_START", "messageId": name}
            yield {"type": "REASONING_MESSAGE_START", "messageId": name, "role": "reasoning"}
        yield {"type": "REASONING_MESSAGE_CONTENT", "messageId": name, "delta": text}

    def _end_thought(self, message: str) -> Iterator[Json]:
        name = self._thoughts.pop(message, None)
        if name is not None:
            yield {"type": "REASONING_MESSAGE_END", "messageId": name}
            yield {"type": "REASONING_END", "messageId": name}

    def _other(self, entry: LogEntry) -> Iterator[Json]:
        match entry.event:
            case TaskStarted(ns=ns, node=node, task_id=task):
                name = self._free_name(ns, node)
                # A task that a stream reports twice keeps its one step.
                if task not in self._steps:
                    self._steps[task] = name
                    yield {"type": "STEP_STARTED", "stepName": name}
            case TaskEnded(task_id=task):
                if (known := self._steps.pop(task, None)) is not None:
                    yield {"type": "STEP_FINISHED", "stepName": known}
            case Values(ns=(), state=state):
                yield {"type": "STATE_SNAPSHOT", "snapshot": state}
            case Custom(data=data):
                yield {"type": "CUSTOM", "name": "custom", "value": data}
            case Ended() as ended:
                for name in self._steps.values():
                    yield {"type": "STEP_FINISHED", "stepName": name}
                self._steps.clear()
                yield self._last(ended)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # tokens and calls come as steps; the protocol has no event for the rest
            case _ as never:
                assert_never(never)

    def _free_name(self, ns: Namespace, node: str) -> str:
        """A name that no active step has: the path of nodes, with a number if the node runs several times at once."""
        path = "/".join([*(level.partition(":")[0] for level in ns), node])
        taken, number, name = set(self._steps.values()), 1, path
        while name in taken:
            number += 1
            name = f"{path} {number}"
        return name

    def _last(self, ended: Ended) -> Json:
        if ended.outcome in ("failed", "timed out"):
            return {"type": "RUN_ERROR", "message": outcome_text(ended), "code": ended.outcome, **self._usage()}
        ids = {"threadId": self._facts.thread_id, "runId": self._facts.run_id}
        return {"type": "RUN_FINISHED", **ids, "outcome": _outcome(ended), **self._usage()}

    def _usage(self) -> Json:
        total = self._flow.total_usage()
        if not total:
            return {}
        counts = {"inputTokens": total["input_tokens"], "outputTokens": total["output_tokens"]}
        return {"usage": [{"model": self._facts.model, **counts, "totalTokens": total["total_tokens"]}]}


def _outcome(ended: Ended) -> Json:
    match ended.outcome:
        case "interrupted":
            asked: list[dict[str, Any]] = [
                {
                    "id": pending.id,
                    "reason": "input_required",
                    "message": pending.value if isinstance(pending.value, str) else None,
                    "metadata": {"node": pending.node, "value": pending.value},
                }
                for pending in ended.pending
            ]
            waiting = [{"id": node, "reason": "breakpoint", "metadata": {"node": node}} for node in ended.next]
            found = asked or waiting or [{"id": "paused", "reason": "paused"}]
            return {
                "type": "interrupt",
                "interrupts": [{name: value for name, value in one.items() if value is not None} for one in found],
            }
        case "cancelled":
            return {"type": "cancelled"}
        case _:
            return {"type": "success"}
