"""When events of each kind came, counted in bins of a fixed length."""

from streaming.core.events import ENGINE_KINDS, LogEntry

BIN_S = 0.05

Bin = list[int]
"""Number of events, bytes."""


class EventLanes:
    """Bins by kind of event and by number, which is the time divided by `BIN_S`; without the engine's own events."""

    def __init__(self) -> None:
        self.lanes: dict[str, dict[int, Bin]] = {}

    def apply(self, entry: LogEntry) -> None:
        kind = entry.event.kind
        if kind in ENGINE_KINDS:
            return
        lane = self.lanes.setdefault(kind, {})
        found = lane.setdefault(int(entry.t / BIN_S), [0, 0])
        found[0] += 1
        found[1] += entry.size
