"""A table that a model writes as JSON, readable while the JSON is still incomplete."""

from typing import Any, assert_never

from pydantic_core import from_json

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

MAX_TEXT = 50_000
"""Characters of a table's JSON that are read: each new piece makes it necessary to read all of them again."""


class JsonTable:
    """Rows of the JSON in the newest message with this tag: a list of objects, or an object that holds one.

    Unfinished strings are shown as far as they are written; a text longer than `MAX_TEXT` keeps the rows that it had.
    The rows of a message that broke off stay, unless it is dropped to be written again. A new message replaces the rows
    with its first text. `changes` counts how often the rows changed; `first_row_at` is in seconds since submission.
    """

    def __init__(self, *, tag: str) -> None:
        self._tag = tag
        self._message_id: str | None = None
        self._clear()
        self.changes = 0

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Attempt(dropped=dropped) if self._message_id in dropped:
                self._message_id = None
                self._clear()
                self.changes += 1
            case Token(role="ai", tags=tags, text=text) as token if text and self._tag in tags:
                self._write(token, entry.t)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event writes the table
            case _ as never:
                assert_never(never)

    def _clear(self) -> None:
        self._text = ""
        self.rows: list[dict[str, Any]] = []
        self.first_row_at: float | None = None
        self.complete = False

    def _write(self, token: Token, t: float) -> None:
        if token.message_id != self._message_id:
            earlier_rows, self._message_id = self.rows, token.message_id
            self._clear()
            self.changes += bool(earlier_rows)
        self._text = token.text if token.whole else self._text + token.text
        if len(self._text) > MAX_TEXT:
            return
        rows = rows_of(self._text)
        if rows and self.first_row_at is None:
            self.first_row_at = t
        if rows and rows != self.rows:
            self.rows, self.changes = rows, self.changes + 1
        self.complete = _is_complete(self._text)


def rows_of(text: str) -> list[dict[str, Any]]:
    """The rows in a text that may end anywhere; an empty list if it is not JSON."""
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
