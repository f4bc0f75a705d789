"""What every projection has in common."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streaming.core.events import LogEntry


class Projection(Protocol):
    """Computes something from log entries, taken in order; events that it does not use change nothing."""

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""


P = TypeVar("P", bound=Projection)


def apply_all(projection: P, events: Iterable[LogEntry]) -> P:
    """The projection after these log entries."""
    for entry in events:
        projection.apply(entry)
    return projection
