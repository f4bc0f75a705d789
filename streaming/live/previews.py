"""Shortened values: what a view shows of a state, an input or a result."""

from collections.abc import Mapping
from typing import Any

import orjson

FIELD = 4000
"""Characters of one field of a state, enough for a long answer."""
SHORT = 400
"""Characters of other values."""


def preview(value: Any, limit: int = SHORT) -> Any:
    """The value itself if its JSON has at most `limit` characters; else a cut text, or `{"…": cut JSON}`."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return cut(value, limit)
    content = json_text(value)
    return value if len(content) <= limit else {"…": cut(content, limit)}


def fields_preview(value: Any, limit: int = SHORT) -> dict[str, Any]:
    """The preview of each field; empty if the value is not a mapping."""
    return {str(name): preview(item, limit) for name, item in value.items()} if isinstance(value, Mapping) else {}


def json_text(value: Any) -> str:
    """The value as JSON text."""
    return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def cut(text: str, limit: int) -> str:
    """The text with at most `limit` characters; it ends with an ellipsis if it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
