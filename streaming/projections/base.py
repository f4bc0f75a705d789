"""What every projection has in common."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streaming.core.events import LogEntry


class Projection(Protocol):
    """Takes log entries in order; an event that means nothing to it changes nothing."""

    def apply(self, entry: LogEntry) -> None: ...


P = TypeVar("P", bound=Projection)


def apply_all(projection: P, events: Iterable[LogEntry]) -> P:
    """The projection after these log entries."""
    for entry in events:
        projection.apply(entry)
    return projection
