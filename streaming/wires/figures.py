"""What one run costs in a protocol."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from streaming.core.events import LogEntry
from streaming.wires.base import RunFacts, WireEvent
from streaming.wires.catalogue import WIRES, WireName


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvent:
    """An event of a protocol, and the time of the log entry that it comes from, in seconds since submission."""

    t: float
    event: WireEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFigures:
    """The events of one run in a protocol, their size in bytes, and when its first text was sent (`None`: never).

    `first_text_bytes` is what a client has received by then. `kinds` counts the events by name.
    """

    events: tuple[TimedEvent, ...]
    bytes: int
    text_bytes: int
    first_text_s: float | None
    first_text_bytes: int | None
    kinds: Counter[str]


def wire_figures(name: WireName, facts: RunFacts, entries: Iterable[LogEntry]) -> WireFigures:
    """The run with these entries in this protocol."""
    wire = WIRES[name].make(facts)
    events = [TimedEvent(t=0.0, event=event) for event in wire.start()]
    last = 0.0
    for entry in entries:
        last = entry.t
        events.extend(TimedEvent(t=entry.t, event=event) for event in wire.feed(entry))
    events.extend(TimedEvent(t=last, event=event) for event in wire.end())
    size, text, first, first_size = 0, 0, None, None
    for timed in events:
        size += len(timed.event.encoded())
        text += len(timed.event.text.encode())
        if timed.event.text and first is None:
            first, first_size = timed.t, size
    kinds = Counter(kind_of(timed.event) for timed in events)
    return WireFigures(
        events=tuple(events),
        bytes=size,
        text_bytes=text,
        first_text_s=first,
        first_text_bytes=first_size,
        kinds=kinds,
    )


def kind_of(event: WireEvent) -> str:
    """The name of an event; where the protocol uses none, the `type` or `object` in its data."""
    if event.name:
        return event.name.partition("|")[0]
    try:
        data = orjson.loads(event.data)
    except orjson.JSONDecodeError:
        return event.data
    return str(data.get("type") or data.get("object") or "error") if isinstance(data, dict) else "data"
