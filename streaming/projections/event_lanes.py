"""How many events of each kind came when, counted in bins of a fixed length."""

from streaming.core.events import ENGINE_KINDS, LogEntry

BIN_S = 0.05
"""The length of a bin in seconds."""

Bin = list[int]
"""The number of events, and their size in bytes."""


class EventLanes:
    """Bins by kind of event and by number (time ÷ `BIN_S`), without the engine's own events."""

    def __init__(self) -> None:
        self.lanes: dict[str, dict[int, Bin]] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        kind = entry.event.kind
        if kind in ENGINE_KINDS:
            return
        lane = self.lanes.setdefault(kind, {})
        counts = lane.setdefault(int(entry.t / BIN_S), [0, 0])
        counts[0] += 1
        counts[1] += entry.size
