"""The kinds of events that an API sends, each with its shape, number and size."""

from dataclasses import dataclass

from streaming.core.events import ApiEvent, GraphEvent, LogEntry, Mode

_OF_MODE: dict[Mode, str] = {
    "values": "the state",
    "updates": "{node: what it changed}",
    "messages": "(message chunk, metadata)",
    "custom": "what the node wrote",
    "tasks": "{id, name, input} · {id, name, result, error}",
    "checkpoints": "{config, values, next, metadata}",
    "debug": "{step, timestamp, type, payload}",
    "tools": "{event, tool_call_id, …}",
}
"""The `data` of LangGraph's v2 parts, by mode."""


@dataclass(slots=True, kw_only=True)
class EventKind:
    """One kind of event of one API; `shape` is that of the first one."""

    name: str
    shape: str
    first_at: float
    count: int = 0
    bytes: int = 0


class EventKinds:
    """Kinds of events in the order of their first appearance: an event API's names, or stream modes.

    `latest` is the kind of the last event of the graph.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, EventKind] = {}
        self.latest: EventKind | None = None

    @property
    def kinds(self) -> list[EventKind]:
        """All kinds so far."""
        return list(self._kinds.values())

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        event = entry.event
        if not isinstance(event, GraphEvent):
            return
        if isinstance(event, ApiEvent):
            name, shape = event.name, event.shape
        else:
            name, shape = event.kind, _OF_MODE[event.kind]
        kind = self._kinds.setdefault(name, EventKind(name=name, shape=shape, first_at=entry.t))
        kind.count += 1
        kind.bytes += entry.size
        self.latest = kind
