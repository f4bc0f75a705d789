"""Which node changed which fields, and when."""

from dataclasses import dataclass
from typing import Any

from streaming.core.events import LogEntry, Namespace, Updates


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeUpdate:
    """What one node changed; `fields` are the names of the state's fields in `delta`."""

    t: float
    node: str
    ns: Namespace
    delta: Any
    fields: tuple[str, ...]
    size: int
    cached: bool


class NodeUpdates:
    """Updates in the order of their arrival."""

    def __init__(self) -> None:
        self.updates: list[NodeUpdate] = []
        self.interrupts: tuple[Any, ...] | None = None

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        event = entry.event
        if not isinstance(event, Updates):
            return
        if event.interrupts is not None:
            self.interrupts = event.interrupts
        for node, delta in event.deltas.items():
            self.updates.append(
                NodeUpdate(
                    t=entry.t,
                    node=node,
                    ns=event.ns,
                    delta=delta,
                    fields=tuple(delta) if isinstance(delta, dict) else (),
                    size=entry.size,
                    cached=event.cached,
                )
            )
