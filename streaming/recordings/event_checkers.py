"""Checkers of the events in a file, by the types of their fields."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

from streaming.core.events import EVENT_TYPES

_EVENT_TYPES: dict[str, type[Any]] = {event.__name__: event for event in EVENT_TYPES}


@cache
def checker_of(name: str) -> SchemaValidator:
    """The checker for this type of event, which stops at the first wrong item; raises `KeyError` for an unknown name.

    A message about each wrong item of a long list takes gigabytes.
    """
    return SchemaValidator(_stopping(TypeAdapter(_EVENT_TYPES[name]).core_schema))


def _stopping(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_stopping(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    stopping = {name: _stopping(part) for name, part in schema.items()}
    return {**stopping, "fail_fast": True} if schema.get("type") in ("tuple", "list") else stopping
