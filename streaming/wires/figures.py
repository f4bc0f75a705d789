"""What one run costs in a protocol."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from streaming.core.events import LogEntry
from streaming.wires.base import RunFacts, Wire, WireEvent
from streaming.wires.catalogue import WIRES, WireName


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedEvent:
    """An event of a protocol, and the time of the log entry that it comes from, in seconds since submission."""

    t: float
    event: WireEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class WireFigures:
    """The size of one run in a protocol, in events and in bytes, and when its first text was sent (`None`: never).

    `first_text_bytes` is what a client has received by then. `kinds` counts the events by name. `first` holds the
    first events.
    """

    first: tuple[TimedEvent, ...]
    events: int
    bytes: int
    text_bytes: int
    first_text_s: float | None
    first_text_bytes: int | None
    kinds: Counter[str]


def wire_figures(name: WireName, facts: RunFacts, entries: Iterable[LogEntry], *, keep: int = 0) -> WireFigures:
    """The run with these entries in this protocol; the first `keep` events are kept."""
    kept: list[TimedEvent] = []
    size, text, first_t, first_size = 0, 0, None, None
    kinds: Counter[str] = Counter()
    for timed in _timed(WIRES[name].make(facts), entries):
        event = timed.event
        size += len(event.encoded())
        text += len(event.text.encode())
        kinds[kind_of(event)] += 1
        if event.text and first_t is None:
            first_t, first_size = timed.t, size
        if len(kept) < keep:
            kept.append(timed)
    return WireFigures(
        first=tuple(kept),
        events=kinds.total(),
        bytes=size,
        text_bytes=text,
        first_text_s=first_t,
        first_text_bytes=first_size,
        kinds=kinds,
    )


def _timed(wire: Wire, entries: Iterable[LogEntry]) -> Iterator[TimedEvent]:
    yield from (TimedEvent(t=0.0, event=event) for event in wire.start())
    last = 0.0
    for entry in entries:
        last = entry.t
        yield from (TimedEvent(t=last, event=event) for event in wire.feed(entry))
    yield from (TimedEvent(t=last, event=event) for event in wire.end())


def kind_of(event: WireEvent) -> str:
    """The name of an event; where the protocol uses none, the `type` or `object` in its data."""
    if event.name:
        return event.name.partition("|")[0]
    try:
        data = orjson.loads(event.data)
    except orjson.JSONDecodeError:
        return event.data
    return str(data.get("type") or data.get("object") or "error") if isinstance(data, dict) else "data"
