"""A table that a model writes as JSON, readable while the JSON is still incomplete."""

from typing import Any

from pydantic_core import from_json

from streaming.core.events import Attempt, LogEntry, Token


class JsonTable:
    """Rows of the JSON that the messages with this tag carry: a list of objects, or an object that holds one.

    Half-written strings are shown as far as they are written; a broken answer keeps the rows it had, unless it is said
    again. `changes` counts how often the rows became others.
    """

    def __init__(self, *, tag: str) -> None:
        self._tag = tag
        self._text = ""
        self._ids: set[str] = set()
        self.rows: list[dict[str, Any]] = []
        self.first_row_at: float | None = None
        self.complete = False
        self.changes = 0

    def apply(self, entry: LogEntry) -> None:
        token = entry.event
        if isinstance(token, Attempt) and not self._ids.isdisjoint(token.dropped):
            self._text, self.rows, self.first_row_at, self.complete = "", [], None, False
            self.changes += 1
        if not isinstance(token, Token) or token.role != "ai" or self._tag not in token.tags or not token.text:
            return
        self._ids.add(token.message_id)
        self._text = token.text if token.whole else self._text + token.text
        rows = rows_of(self._text)
        if rows and self.first_row_at is None:
            self.first_row_at = entry.t
        if rows and rows != self.rows:
            self.rows, self.changes = rows, self.changes + 1
        self.complete = _is_complete(self._text)


def rows_of(text: str) -> list[dict[str, Any]]:
    """The rows in a text that may end anywhere; none where there is no JSON."""
    try:
        value = from_json(text, allow_partial="trailing-strings")
    except ValueError:
        return []
    if isinstance(value, dict):
        value = next((item for item in value.values() if isinstance(item, list)), [value])
    return [row for row in value if isinstance(row, dict) and row] if isinstance(value, list) else []


def _is_complete(text: str) -> bool:
    try:
        from_json(text)
    except ValueError:
        return False
    return True
