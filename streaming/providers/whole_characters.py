"""Text that can be stored: some providers cut a character in two, and some send zero bytes."""

from streaming.core.serialization import replace_lone_surrogates

UNREADABLE = "\ufffd"


class CharacterJoiner:
    """Joins the two halves of a character that come in two pieces; a half alone, and a zero byte, are unreadable."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    def feed(self, piece: str) -> str:
        """The whole characters so far."""
        if not self._half and piece.isascii():
            return piece.replace("\0", UNREADABLE)
        text, self._half = self._half + piece, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return readable(text)

    def finish(self) -> str:
        """What is left of a half."""
        half, self._half = self._half, ""
        return UNREADABLE if half else ""


def readable(text: str) -> str:
    """The text without halves of characters and without zero bytes, which no encoding and not every database takes."""
    return replace_lone_surrogates(text).replace("\0", UNREADABLE)
