"""Values short enough to send: what a view shows of a state, an input or a result."""

from collections.abc import Mapping
from typing import Any

import orjson

FIELD = 4000
"""Bytes of one field of a state: a page shows long answers in full."""
SHORT = 400


def preview(value: Any, limit: int = SHORT) -> Any:
    """The value itself where its JSON has at most `limit` bytes; else a cut text, or `{"…": cut JSON}`."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return cut(value, limit)
    content = json_text(value)
    return value if len(content) <= limit else {"…": cut(content, limit)}


def fields_preview(value: Any, limit: int = SHORT) -> dict[str, Any]:
    """Each field's preview; none where the value has no fields."""
    return {str(name): preview(item, limit) for name, item in value.items()} if isinstance(value, Mapping) else {}


def json_text(value: Any) -> str:
    """The value as JSON text."""
    return orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS).decode()


def cut(text: str, limit: int) -> str:
    """The text, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
