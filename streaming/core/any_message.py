"""A message of what was sent as one, also where LangChain's classes refuse it, so that no run ends by it."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessageChunk, BaseMessage

from streaming.core.message_content import as_content

UNKNOWN = "unknown"
"""The type of a message that names none."""

_OBJECTS = frozenset({"additional_kwargs", "response_metadata", "usage_metadata"})
_LISTS_OF_OBJECTS = frozenset({"tool_calls", "invalid_tool_calls", "tool_call_chunks"})
_TEXTS = frozenset({"id", "name", "tool_call_id", "status", "chunk_position"})


def message_of_any(value: Any) -> BaseMessage:
    """The message with these fields, unchecked; a value without fields is the content of one.

    A field that is not even of its kind, such as counts that are a text, is kept in `additional_kwargs`.
    """
    text = value if isinstance(value, str) else repr(value)
    fields: Mapping[str, Any] = value if isinstance(value, Mapping) else {"content": text}
    fits: dict[str, Any] = {str(name): held for name, held in fields.items() if _fits(name, held)}
    beside = {str(name): held for name, held in fields.items() if not _fits(name, held) and held is not None}
    kind = AIMessageChunk if fields.get("type") == "AIMessageChunk" else BaseMessage
    given: dict[str, Any] = {
        **fits,
        "type": str(fields.get("type") or UNKNOWN),
        "content": as_content(fields.get("content")),
        "additional_kwargs": {**fits.get("additional_kwargs", {}), **beside},
    }
    return kind.model_construct(**given)


def _fits(name: Any, value: Any) -> bool:
    if name in _OBJECTS:
        return isinstance(value, dict)
    if name in _LISTS_OF_OBJECTS:
        return isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return isinstance(value, str) if name in _TEXTS else True
