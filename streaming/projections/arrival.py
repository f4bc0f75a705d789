"""In which order several messages were written that grow at the same time."""

from streaming.core.events import Attempt, LogEntry, Token


class Arrival:
    """Turns of the model's messages: from `offset` on, the text of this message was written, until the next turn.

    Offsets count UTF-16 units, which is what a browser counts. The turns of a message that is dropped go.
    """

    def __init__(self) -> None:
        self.turns: list[tuple[str, int]] = []
        self._lengths: dict[str, int] = {}
        self._writer: str | None = None

    def apply(self, entry: LogEntry) -> None:
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


def utf16_length(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)
