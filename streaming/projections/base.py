"""What every projection can do."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streaming.core.events import LogEntry


class Projection(Protocol):
    """Takes events in the order of the log; events that mean nothing to it change nothing."""

    def apply(self, entry: LogEntry) -> None: ...


P = TypeVar("P", bound=Projection)


def apply_all(projection: P, events: Iterable[LogEntry]) -> P:
    """The projection after these events."""
    for entry in events:
        projection.apply(entry)
    return projection
