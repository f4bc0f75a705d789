"""The order in which the texts of parallel messages arrived."""

from typing import assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)


class Arrival:
    """The turns in which the model's messages were written, as (message id, offset).

    In a turn, text was appended to this message from this offset on, until the next turn. Offsets are in UTF-16 units,
    as in JavaScript. A dropped message loses its turns.
    """

    def __init__(self) -> None:
        self.turns: list[tuple[str, int]] = []
        self._lengths: dict[str, int] = {}
        self._writer: str | None = None

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Token(role="ai", text=text, message_id=message_id, whole=whole) if text:
                length = 0 if whole else self._lengths.get(message_id, 0)
                if message_id != self._writer:
                    self.turns.append((message_id, length))
                    self._writer = message_id
                self._lengths[message_id] = length + utf16_length(text)
            case Attempt(dropped=dropped) if dropped:
                self.turns = [turn for turn in self.turns if turn[0] not in dropped]
                self._writer = None
                for message_id in dropped:
                    self._lengths.pop(message_id, None)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event writes or removes text
            case _ as never:
                assert_never(never)


def utf16_length(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)
