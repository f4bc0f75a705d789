"""What all wires have in common: an event of a protocol, the facts about a run, and how an event is written as SSE."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    Protocol,
    assert_never,
)

import orjson

from streaming.core.events import (
    ApiEvent,
    BoundaryEvent,
    Ended,
    Event,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireEvent:
    """One event of a protocol: its `name` (empty where the protocol uses none), its `data` in one line, and its `id`.

    `id` counts the events of the stream from 0. `text` is what this event adds to the visible text of an answer.
    """

    data: str
    name: str = ""
    id: int = 0
    text: str = ""

    def encoded(self) -> bytes:
        """The event as a server-sent event."""
        name = f"event: {self.name}\n" if self.name else ""
        return f"id: {self.id}\n{name}data: {self.data}\n\n".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What a protocol says of a run beside its events; `model` is the model's name on screen."""

    run_id: str
    thread_id: str
    graph: str
    model: str
    created_at: datetime


class Wire(Protocol):
    """Turns the log of one run into the events of a protocol; the same log always gives the same events."""

    def start(self) -> list[WireEvent]:
        """The events before the first log entry."""
        ...

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The events of this log entry, in the order of the log."""
        ...

    def end(self) -> list[WireEvent]:
        """The events after the run's end event."""
        ...


class Numbered:
    """Makes the events of one stream, numbered from 0."""

    def __init__(self) -> None:
        self._count = 0

    def event(self, data: Any, *, name: str = "", text: str = "") -> WireEvent:
        """The next event, with `data` as JSON: a text too, as it may have several lines."""
        return self.encoded(orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS).decode(), name=name, text=text)

    def encoded(self, data: str, *, name: str = "", text: str = "") -> WireEvent:
        """The next event, whose data is sent as it is: one line, such as JSON."""
        event = WireEvent(data=data, name=name, id=self._count, text=text)
        self._count += 1
        return event


def wire_events(wire: Wire, entries: Iterable[LogEntry]) -> Iterator[WireEvent]:
    """The whole stream of a finished run."""
    yield from wire.start()
    for entry in entries:
        yield from wire.feed(entry)
    yield from wire.end()


def outcome_text(ended: Ended) -> str:
    """Why the run ended, and what to do, in a sentence."""
    return f"{ended.reason} {ended.advice}".strip() or f"The run was {ended.outcome}."


def text_in(event: Event) -> str:
    """What this event adds to the visible text of an answer."""
    match event:
        case Token(role="ai", text=text) | ApiEvent(text=text):
            return text
        case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
            return ""
        case _ as never:
            assert_never(never)
