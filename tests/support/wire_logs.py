"""Logs and facts for the tests of wires: the shipped recordings, and the golden streams of LangGraph."""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from streaming.analysis.final_answer import text_pieces
from streaming.core.events import EVENT_TYPES, Ended, Event, LogEntry
from streaming.recordings.library import open_recording, recording_names
from streaming.wires.base import RunFacts, WireEvent, wire_events
from streaming.wires.catalogue import WIRES, WireName
from tests.support.app_test import ROOT
from tests.support.golden_streams import GRAPHS, recorded

FACTS = RunFacts(
    run_id="run-1", thread_id="thread-1", graph="chat", model="scripted", created_at=datetime(2026, 1, 1, tzinfo=UTC)
)
SHIPPED = recording_names(ROOT / "recordings")
GOLDEN = tuple(GRAPHS)
READ_BY_EVENTS = ("answering.events_v2_logged", "answering.events_v3_logged")
LOGS = (*SHIPPED, *GOLDEN, *READ_BY_EVENTS)
_TYPES: dict[str, type[Any]] = {event.__name__: event for event in EVENT_TYPES}


@cache
def log_of(name: str) -> tuple[LogEntry, ...]:
    """The log of a shipped recording by its file name, or of a golden stream by its graph's name and its own."""
    if name in SHIPPED:
        return tuple(open_recording(ROOT / "recordings", name).events)
    graph, _, stream = name.partition(".")
    lines = [line["event"] for line in recorded(graph, stream or "v2") if line.get("event")]
    outcome = {"failing": "failed", "answering": "interrupted"}.get(graph, "completed")
    events: list[Event] = [*map(_event, lines), Ended(outcome=outcome, reason="Because.")]  # type: ignore[arg-type]
    return tuple(LogEntry(seq=seq, t=seq / 100, event=event) for seq, event in enumerate(events))


def streamed(wire: WireName, log: tuple[LogEntry, ...] | list[LogEntry]) -> list[WireEvent]:
    """The whole stream of this log."""
    return list(wire_events(WIRES[wire].make(FACTS), log))


def text_of(log: tuple[LogEntry, ...]) -> str:
    """All text that models wrote in chunks, in the order of its arrival."""
    return "".join(piece.text for piece in text_pieces(log))


def _event(content: Any) -> Event:
    event: Event = TypeAdapter(_TYPES[content["<type>"]]).validate_python(_untagged(content))
    return event


def _untagged(value: Any) -> Any:
    match value:
        case {"<tuple>": items}:
            return [_untagged(item) for item in items]
        case dict():
            return {name: _untagged(item) for name, item in value.items() if name != "<type>"}
        case list():
            return [_untagged(item) for item in value]
    return json.loads(json.dumps(value))
