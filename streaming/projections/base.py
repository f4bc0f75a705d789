"""What every projection has in common."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from streaming.core.events import LogEntry


def append_text(holder: Any, piece: str, *, name: str = "text") -> None:
    """Append to the text that this object has under this name, in place however long it is.

    Python copies a string that anything else refers to; so the holder lets go of it while a local name extends it.
    """
    text: str = getattr(holder, name)
    setattr(holder, name, "")
    text += piece
    setattr(holder, name, text)


def append_field(holder: dict[Any, str], name: Any, piece: str) -> None:
    """Append to the text in this field, in place however long it is; a field that is missing is empty."""
    text = holder.get(name, "")
    holder[name] = ""
    text += piece
    holder[name] = text


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
