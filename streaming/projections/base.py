"""What every projection has in common."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from streaming.core.events import LogEntry


class GrowingText(Protocol):
    """Holds a text that is written piece by piece."""

    text: str


def append_text(holder: GrowingText, piece: str) -> None:
    """Append to the text of this object, in place however long it is.

    Python copies a string that anything else refers to; so the holder lets go of it while a local name extends it.
    """
    text, holder.text = holder.text, ""
    text += piece
    holder.text = text


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
