"""The lines of a server's event stream, put together to events before anything parses them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventText:
    """One event as it was sent: its name, its id, and its data before they are parsed."""

    name: bytes
    id: bytes
    data: bytes


class EventLines:
    """Reads server-sent events by the specification, but for pauses that a server asks for."""

    def __init__(self) -> None:
        self._name = self._id = b""
        self._data = bytearray()
        self._first = True

    def feed(self, line: bytes) -> EventText | None:
        """The event that this line ends; those without a name are left out."""
        if self._first:
            self._first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            name, data, self._name = self._name, bytes(self._data[:-1]), b""
            self._data.clear()
            return EventText(name, self._id, data) if name else None
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data += value + b"\n"
        elif field == b"event":
            self._name = value
        elif field == b"id" and b"\0" not in value:
            self._id = value
        return None
