"""Values of a graph as JSON, and back: messages keep their class, everything else becomes plain. Both ends use it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import Enum
from typing import Any
from uuid import UUID

from langchain_core import messages
from langchain_core.messages import BaseMessage
from pydantic import BaseModel, ValidationError

TAG = "__streaming_lab__"
_MAX_DEPTH = 100
_MAX_DECIMAL_BITS = 4096
"""Python refuses to write longer integers in decimal (4,300 digits); this is well below."""
_FIELDS = (
    *("content", "additional_kwargs", "response_metadata", "name", "id", "tool_calls", "invalid_tool_calls"),
    *("usage_metadata", "tool_call_chunks", "chunk_position", "tool_call_id", "status", "role"),
)
_CLASSES = {
    name: getattr(messages, name)
    for name in (
        *("AIMessage", "AIMessageChunk", "HumanMessage", "HumanMessageChunk", "SystemMessage", "SystemMessageChunk"),
        *("ToolMessage", "ToolMessageChunk", "ChatMessage", "ChatMessageChunk", "FunctionMessage"),
        *("FunctionMessageChunk", "RemoveMessage", "BaseMessage"),
    )
    if hasattr(messages, name)
}
_OBJECTS = frozenset({"additional_kwargs", "response_metadata", "usage_metadata"})
_LISTS_OF_OBJECTS = frozenset({"tool_calls", "invalid_tool_calls", "tool_call_chunks"})


def dumps(value: Any) -> bytes:
    """The value as JSON in ASCII; lone surrogates stay what they are, so that halves of a character can be joined."""
    return json.dumps(plain(value)).encode("ascii")


def loads(payload: bytes) -> Any:
    """The value of this JSON, with its messages rebuilt."""
    return json.loads(payload, object_hook=_rebuilt)


def plain(value: Any, parents: tuple[int, ...] = ()) -> Any:
    """The value as JSON values; an object without such a form becomes its `repr`, a cycle or great depth “…”."""
    if value is None or isinstance(value, (bool, int, float, str)):
        value = value.value if isinstance(value, Enum) else value
        return hex(value) if isinstance(value, int) and value.bit_length() > _MAX_DECIMAL_BITS else value
    if id(value) in parents or len(parents) >= _MAX_DEPTH:
        return "…"
    within = (*parents, id(value))
    if isinstance(value, Mapping):
        return {str(name): plain(item, within) for name, item in value.items()}
    if isinstance(value, BaseMessage):
        return _message(value, within)
    if isinstance(value, (list, tuple, set, frozenset)) and not hasattr(value, "_asdict"):
        return [plain(item, within) for item in value]
    return _object(value, within)


def _object(value: Any, parents: tuple[int, ...]) -> Any:
    if isinstance(value, BaseModel):
        return {name: plain(getattr(value, name, None), parents) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [item.name for item in dataclasses.fields(value) if hasattr(value, item.name)]
        return {name: plain(getattr(value, name), parents) for name in names}
    if isinstance(value, tuple):
        return [plain(item, parents) for item in value]
    if isinstance(value, Enum):
        return plain(value.value, parents)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - the code of a stranger's class
        return f"<{type(value).__name__}>"


def _message(message: BaseMessage, parents: tuple[int, ...]) -> dict[str, Any]:
    name = next(kind.__name__ for kind in type(message).__mro__ if kind.__name__ in _CLASSES)
    fields = {field: plain(getattr(message, field, None), parents) for field in _FIELDS}
    kept = {field: value for field, value in fields.items() if value not in (None, [], {}) or field == "content"}
    if name == "BaseMessage":
        kept["type"] = message.type  # the class of the author's own, of which nothing else is known, has set it
    if "tool_call_chunks" in kept:
        # A chunk makes its calls from their fragments.
        kept.pop("tool_calls", None)
        kept.pop("invalid_tool_calls", None)
    return {TAG: name, "fields": kept}


def _rebuilt(value: dict[str, Any]) -> Any:
    kind = _CLASSES.get(value[TAG]) if isinstance(value.get(TAG), str) else None
    if kind is None:
        return value
    fields = value.get("fields") or {}
    if not isinstance(fields, dict):
        return value  # an input may have that name, too
    try:
        return kind(**fields)
    except ValidationError as error:
        # A message may be changed after it is made. LangChain does so itself: an answer of a model's cache has a
        # `usage_metadata` of nothing but a cost.
        refused = {str(trouble["loc"][0]) for trouble in error.errors() if trouble["loc"]}
        return _unchecked(kind, fields, refused) or _unchecked(kind, fields, set(fields)) or value
    except Exception:  # noqa: BLE001 - a class of another version of LangChain
        return _unchecked(kind, fields, set(fields)) or value


def _unchecked(kind: type[BaseMessage], fields: dict[str, Any], refused: set[str]) -> BaseMessage | None:
    """The message as its sender had it, with the refused fields; `None` if its class refuses more than these.

    What is not even of the kind of its field, such as counts that are a text, is kept in `additional_kwargs`.
    """
    needed = {name: "" for name, field in kind.model_fields.items() if field.is_required()}
    try:
        message = kind(**{**needed, **{name: value for name, value in fields.items() if name not in refused}})
    except Exception:  # noqa: BLE001 - as above
        return None
    kept = {name: value for name, value in fields.items() if name in refused}
    fits = {name: value for name, value in kept.items() if _fits(name, value)}
    beside = {name: value for name, value in kept.items() if name not in fits}
    held = {**(fits.get("additional_kwargs") or message.additional_kwargs), **beside}
    return message.model_copy(update={**fits, "additional_kwargs": held})


def _fits(name: str, value: Any) -> bool:
    if name in _OBJECTS:
        return isinstance(value, dict)
    if name in _LISTS_OF_OBJECTS:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return name == "content" or isinstance(value, str)
