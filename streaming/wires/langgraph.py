"""LangGraph Server's protocol: `metadata` first, an event for each stream part under its mode's name, `end` last.

A part of a subgraph has its namespace behind the mode: `updates|node:task`. Messages come in one of two forms: as
chunks with their metadata (the server's `messages-tuple`), or as `messages/partial` with the text so far.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, assert_never

from streaming.core.events import (
    ApiEvent,
    BoundaryEvent,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.wires.base import Numbered, RunFacts, WireEvent, outcome_text, text_in
from streaming.wires.langgraph_messages import GrowingMessages, message_chunk


class LangGraphWire:
    """Messages as chunks: `event: messages` with a pair of a chunk and its metadata."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._numbered = Numbered()
        self._metadata: dict[str, dict[str, Any]] = {}

    def start(self) -> list[WireEvent]:
        """The ids of the run and of its thread."""
        return [self._numbered.event({"run_id": self._facts.run_id, "attempt": 1}, name="metadata")]

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The part of this entry; nothing for an event of the engine, which LangGraph does not have."""
        if isinstance(entry.event, Token):
            return self._message(entry.event)
        text = text_in(entry.event)
        return [self._numbered.event(data, name=name, text=text) for name, data in _parts(entry)]

    def end(self) -> list[WireEvent]:
        """`end`, without data."""
        return [self._numbered.event(None, name="end")]

    def _message(self, token: Token) -> list[WireEvent]:
        name = _name("messages", token.ns)
        pair = [message_chunk(token), self._metadata_of(token)]
        return [self._numbered.event(pair, name=name, text=text_in(token))]

    def _metadata_of(self, token: Token) -> dict[str, Any]:
        """The message's metadata, which the log has only once."""
        if token.metadata is not None:
            self._metadata[token.message_id] = token.metadata
        return self._metadata.setdefault(token.message_id, {"langgraph_node": token.node, "tags": list(token.tags)})


LONG_TEXT = 4_000
"""Characters of a message from which on not each chunk repeats it."""


class LangGraphWholeWire(LangGraphWire):
    """Messages as the server's mode `messages` sends them: each event holds the whole text so far.

    A text of more than `LONG_TEXT` characters is sent again when it has grown by a hundredth, so that what is sent does
    not grow with its square. `messages/complete` has all of it.
    """

    def __init__(self, facts: RunFacts) -> None:
        super().__init__(facts)
        self._growing = GrowingMessages()
        self._lengths: Counter[str] = Counter()
        self._sent: dict[str, int] = {}
        self._unsent = ""

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The part of this entry, and the messages that it completes."""
        done = self._growing.completed_by(entry.event)
        complete = [self._numbered.event(done, name="messages/complete", text=self._take_unsent())] if done else []
        return [*complete, *super().feed(entry)]

    def _message(self, token: Token) -> list[WireEvent]:
        known = token.message_id in self._metadata
        metadata = {token.message_id: {"metadata": self._metadata_of(token)}}
        first = [] if known else [self._numbered.event(metadata, name="messages/metadata")]
        message = [self._growing.add(token)]
        self._unsent += text_in(token)
        if not self._is_due(token):
            return first
        return [*first, self._numbered.event(message, name="messages/partial", text=self._take_unsent())]

    def _take_unsent(self) -> str:
        text, self._unsent = self._unsent, ""
        return text

    def _is_due(self, token: Token) -> bool:
        """Whether the message is sent with this chunk: always, unless it is long and has hardly grown."""
        name = token.message_id
        self._lengths[name] += len(token.text) + len(token.reasoning) + sum(len(str(call)) for call in token.tool_calls)
        length, sent = self._lengths[name], self._sent.get(name, 0)
        if length > LONG_TEXT and length - sent < length // 100 and not (token.finish_reason or token.whole):
            return False
        self._sent[name] = length
        return True


def _parts(entry: LogEntry) -> Iterator[tuple[str, Any]]:
    match entry.event:
        case Values(ns=ns, state=state, interrupts=interrupts):
            asked = {"__interrupt__": list(interrupts)} if interrupts and isinstance(state, dict) else {}
            yield _name("values", ns), {**state, **asked} if isinstance(state, dict) else state
        case Updates(ns=ns, deltas=deltas, interrupts=interrupts):
            yield _name("updates", ns), deltas if interrupts is None else {"__interrupt__": list(interrupts)}
        case Custom(ns=ns, data=data):
            yield _name("custom", ns), data
        case CheckpointSaved() as saved:
            yield _name("checkpoints", saved.ns), _checkpoint(saved)
        case Debug() | ToolCalled() | ApiEvent() as event:
            yield _trace(event)
        case TaskStarted() | TaskEnded() as task:
            yield _name("tasks", task.ns), _task(task)
        case Ended() as ended:
            yield from _error(ended)
        case OutputEvent() | ReportEvent() | BoundaryEvent():
            return  # tokens have a way of their own, and LangGraph knows nothing of the engine's events
        case _ as never:
            assert_never(never)


def _trace(event: Debug | ToolCalled | ApiEvent) -> tuple[str, Any]:
    match event:
        case Debug(ns=ns, step=step, timestamp=timestamp, type=kind, payload=payload):
            return _name("debug", ns), {"step": step, "timestamp": timestamp, "type": kind, "payload": payload}
        case ToolCalled() as call:
            data = {"event": call.step, "tool_call_id": call.call_id, "name": call.tool, "data": call.data}
            return _name("tools", call.ns), data
        case ApiEvent(ns=ns, name=name, data=data):
            return _name("events", ns), {"event": name, "data": data}
        case _ as never:
            assert_never(never)


def _task(task: TaskStarted | TaskEnded) -> dict[str, Any]:
    head = {"id": task.task_id, "name": task.node}
    if isinstance(task, TaskStarted):
        return {**head, "input": task.input, "triggers": task.triggers}
    return {**head, "result": task.result, "error": task.error, "interrupts": task.interrupts}


def _error(ended: Ended) -> Iterator[tuple[str, Any]]:
    """Why the run did not come to its end; nothing if it did, or if it waits for an answer."""
    if ended.outcome in ("failed", "timed out", "cancelled"):
        kind = "UserInterrupt" if ended.outcome == "cancelled" else ended.error or ended.outcome
        yield "error", {"error": kind, "message": outcome_text(ended)}


def _checkpoint(saved: CheckpointSaved) -> dict[str, Any]:
    ns = "|".join(saved.ns)
    ids = {"checkpoint_ns": ns, "checkpoint_id": saved.checkpoint_id}
    parent = {"configurable": {"checkpoint_ns": ns, "checkpoint_id": saved.parent_id}} if saved.parent_id else None
    return {
        "config": {"configurable": ids},
        "parent_config": parent,
        "values": saved.values,
        "metadata": {"source": saved.source, "step": saved.step},
        "next": saved.next,
    }


def _name(mode: str, ns: Namespace) -> str:
    # A line feed in a node's name would end the field of the event.
    return "|".join([mode, *ns]).replace("\n", " ").replace("\r", " ")
