"""Texts of models and files, made safe for a terminal: none of their control characters reaches it."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters of terminals, and those that change the direction of text; tabs and line feeds are safe."""


def printable(text: str) -> str:
    """The text with its control characters and lone surrogates written as escapes, such as `\\x1b`."""
    escaped = _CONTROL.sub(lambda found: _escape(found[0]), text)
    return escaped.encode("utf-8", "backslashreplace").decode()


def one_line(text: str, limit: int) -> str:
    """The text in one printable line of at most `limit` characters."""
    line = " ".join(printable(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def safe_json(line: bytes) -> str:
    """A line of JSON with its control characters as JSON's own escapes, so that it has the same meaning."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", line.decode())


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
