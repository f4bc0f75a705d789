"""This app's own events: the log as it is, one event for each entry."""

from streaming.core.events import LogEntry
from streaming.recordings.format import dump_event
from streaming.wires.base import Numbered, RunFacts, WireEvent, text_in


class OwnWire:
    """One event for each log entry, named after its kind; its id is the entry's number."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._numbered = Numbered()

    def start(self) -> list[WireEvent]:
        """Nothing: the log says everything."""
        return []

    def feed(self, entry: LogEntry) -> list[WireEvent]:
        """The entry."""
        return [self._numbered.encoded(dump_event(entry).decode(), name=entry.event.kind, text=text_in(entry.event))]

    def end(self) -> list[WireEvent]:
        """Nothing: the end event is in the log."""
        return []
