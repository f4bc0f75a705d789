"""Strings of events that views show whole, cut to a length that a screen can hold: names, errors, states of a job."""

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from streaming.core.events import ApiEvent, Custom, Debug, Event, LogEntry, Token

MOST_LINE = 4_000
"""Characters of a name, an id, an error, a status. Texts of messages have a maximum of their own."""

_TEXTS = frozenset({"text", "reasoning"})
_SHOWN_FIELDS = frozenset({"step", "status", "name", "node", "state", "error", "id"})
"""Fields of custom data and of the payload of a trace that views show whole; of all others they show a preview."""


class ShortStrings:
    """Cuts long strings of log entries; `longest` is the longest that was cut, 0 without one."""

    def __init__(self) -> None:
        self.longest = 0

    def shortened(self, entry: LogEntry) -> LogEntry:
        """The entry with short strings; the same object if they were short."""
        event: Event = self._with_short_fields(entry.event)
        return entry if event is entry.event else replace(entry, event=event)

    def cut(self, line: str) -> str:
        """The string, cut if it is long."""
        if len(line) <= MOST_LINE:
            return line
        self.longest = max(self.longest, len(line))
        return line[: MOST_LINE - 1] + "…"

    def with_short_names(self, fields: dict[Any, Any]) -> dict[Any, Any]:
        """The fields with short names; the same object if they were short."""
        if all(len(name) <= MOST_LINE for name in fields if isinstance(name, str)):
            return fields
        return {self.cut(name) if isinstance(name, str) else name: value for name, value in fields.items()}

    def _with_short_fields(self, value: Any) -> Any:
        changed = {}
        for name in _names(value.__class__):
            old = getattr(value, name)
            # This runs for every token, and nearly all of its fields are empty or short.
            if not old or (old.__class__ is str and len(old) <= MOST_LINE):
                continue
            if (short := self._short(old, value)) is not old:
                changed[name] = short
        return replace(value, **changed) if changed else value

    def _short(self, value: Any, holder: Any) -> Any:
        match value:
            case str():
                return self.cut(value)
            case tuple():
                items = tuple(map(self._item, value))
                return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
            case dict() if isinstance(holder, Custom | Debug):
                return self._fields(value)
            case _:
                return value

    def _item(self, item: Any) -> Any:
        """An item of a tuple: a string, a question, or a fragment of a tool call."""
        match item:
            case str():
                return self.cut(item)
            case dict():
                return self._fields(item)
            case _:
                return self._with_short_fields(item) if is_dataclass(item) and not isinstance(item, type) else item

    def _fields(self, data: dict[str, Any]) -> dict[str, Any]:
        long = {
            name: self.cut(value)
            for name, value in data.items()
            if name in _SHOWN_FIELDS and isinstance(value, str) and len(value) > MOST_LINE
        }
        return {**data, **long} if long else data


@cache
def _names(kind: type[Event]) -> tuple[str, ...]:
    texts = _TEXTS if issubclass(kind, Token | ApiEvent) else frozenset()
    return tuple(item.name for item in fields(kind) if item.name != "kind" and item.name not in texts)
