"""What a message holds beside its text: reasoning, a refusal, the reason of its end, and content of other types.

Providers, and the clients for them, put each of these in different fields; this module knows the fields.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

_FINISH_REASONS = ("finish_reason", "stop_reason", "done_reason", "finishReason", "stopReason")
_NO_REASON = frozenset({"null", "none", "undefined", "finish_reason_unspecified"})
"""Words that some servers send with every chunk until the answer has ended."""
_REASONING_FIELDS = ("reasoning_content", "reasoning", "reasoning_details", "thinking", "thinking_blocks")
"""The third is OpenRouter's list of parts, which can come alone; the last two are those of Ollama and LiteLLM."""
_REASONING = frozenset({"reasoning", "thinking", "reasoning_content"})
_TOOL_CALLS = frozenset({"tool_use", "tool_call", "tool_call_chunk", "input_json_delta", "function_call"})
_TEXTS = frozenset({"text", "output_text"})
_PLAIN_TEXT = frozenset({"type", "text", "index", "id", "annotations"})
_PLAIN_REASONING = frozenset({*_REASONING, "type", "text", "summary", "content", "index", "id"})
_BESIDE = ("images", "audio", "videos", "annotations", "citations", "search_results", "choices")
"""Fields of `additional_kwargs` with content that is not text; `choices` are answers beside the first one."""

_MEDIA_TYPES = frozenset({"mime_type", "media_type", "mimeType", "mediaType", "format"})
_DATA_URL = re.compile(r"data:([\w.+/-]*)[^,]{0,80},")
_MAX_MEDIA, _MAX_DEPTH = 60, 20


def finish_reason(metadata: Mapping[str, Any]) -> str | None:
    """Why the answer ended, in the provider's own word; `None` if it has not ended, or the provider gave no reason."""
    if metadata.keys().isdisjoint(_FINISH_REASONS):
        return None  # as of nearly every token
    for name in _FINISH_REASONS:
        # OpenAI sends `null` until the end.
        if (reason := metadata.get(name)) is not None:
            word = _word(reason)
            if word and word.strip().lower() not in _NO_REASON:
                return word
    return None


def _word(reason: Any) -> str:
    """The reason as a text; some servers send an object with a type."""
    if isinstance(reason, Mapping):
        reason = reason.get("type") or reason.get("reason")
    return "" if reason is None or isinstance(reason, bool) else str(reason)


def reasoning_in(content: Any, beside: Mapping[str, Any]) -> str:
    """The reasoning of a message: in the blocks of its content, or in the fields beside it (`additional_kwargs`)."""
    blocks = "".join(_reasoning_text(block) for block in _blocks(content) if _kind(block) in _REASONING)
    if blocks or beside.keys().isdisjoint(_REASONING_FIELDS):
        return blocks
    return next((text for name in _REASONING_FIELDS if (text := _reasoning_text(beside.get(name)))), "")


def refusal_in(content: Any, beside: Mapping[str, Any]) -> str:
    """The words in which the model declines, if they come apart from the text."""
    blocks = "".join(str(block.get("refusal") or "") for block in _blocks(content))
    return blocks or str(beside.get("refusal") or "")


def other_content(message: BaseMessage) -> list[dict[str, Any]]:
    """The content blocks that are neither text nor reasoning nor tool calls; a text block with citations is one too."""
    blocks = [dict(block) for block in _blocks(message.content) if not _is_plain(block)]
    for name in _BESIDE if message.additional_kwargs else ():
        value = message.additional_kwargs.get(name)
        items = value if isinstance(value, list) else [value] if value else []
        kind = name.removesuffix("s")
        blocks += [item if isinstance(item, dict) and "type" in item else {"type": kind, kind: item} for item in items]
    return blocks


def as_content(value: Any) -> str | list[Any]:
    """Whatever a server sends as content, as messages can hold it: a text, or a list of texts and blocks."""
    if isinstance(value, Mapping):
        return [value]
    if not isinstance(value, list):
        return "" if value is None else str(value)
    items = (item for item in value if item is not None)
    return [item if isinstance(item, str | Mapping) else {"type": "unknown", "value": item} for item in items]


def content_part(block: Mapping[str, Any]) -> tuple[tuple[str, str], int]:
    """Type and media type of a content block (empty if it names none), and the size of its data in bytes."""
    kind, media = str(block.get("type") or "unknown"), ""
    size = 0
    for name, value in _leaves(block):
        if name in _MEDIA_TYPES and not media:
            media = value
        elif name not in ("type", "id", "index"):
            data = _DATA_URL.match(value)
            if data is not None:
                media, value = media or data[1], value[data.end() :]
            is_base64 = data is not None or name in ("data", "base64")
            size += len(value) * 3 // 4 if is_base64 else len(value.encode(errors="replace"))
    return ("citation" if kind in _TEXTS else kind.removesuffix("_url")[:_MAX_MEDIA], media[:_MAX_MEDIA]), size


def _leaves(value: Any, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Each text and number in a nested value, with the name of its field."""
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        for key, item in value.items():
            yield from _leaves(item, str(key), depth + 1)
    elif isinstance(value, list) and depth < _MAX_DEPTH:
        for item in value:
            yield from _leaves(item, name, depth + 1)
    elif value is not None and not isinstance(value, Mapping | list):
        yield name, str(value)


def text_in(content: Any) -> str:
    """The text in the content of a message, which is a string or a list of blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "".join(
        item if isinstance(item, str) else _block_text(item.get("text"))
        for item in content
        if isinstance(item, str) or (isinstance(item, Mapping) and _kind(item) in _TEXTS)
    )


def _kind(block: Mapping[str, Any]) -> str:
    """The type of a block; one without a type is a text."""
    return str(block.get("type", "text"))


def _block_text(text: Any) -> str:
    """The text of a block, which some servers wrap once more."""
    if isinstance(text, Mapping):
        text = text.get("value")
    return "" if text is None else str(text)


def _blocks(content: Any) -> Sequence[Mapping[str, Any]]:
    if isinstance(content, str) or not isinstance(content, Sequence):
        return ()
    return [block for block in content if isinstance(block, Mapping)]


def _is_plain(block: Mapping[str, Any]) -> bool:
    kind = _kind(block)
    if kind in _TEXTS:
        return set(block) <= _PLAIN_TEXT and not block.get("annotations")
    if kind in _REASONING:
        return set(block) <= _PLAIN_REASONING  # a signature has to be kept
    return kind in _TOOL_CALLS or kind == "refusal"


def _reasoning_text(value: Any) -> str:
    """The text of a reasoning block, in whichever of its fields it is, however deep."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(_reasoning_text, value))
    if isinstance(value, Mapping):
        names = ("thinking", "reasoning", "reasoning_content", "text", "summary", "content")
        return next((text for name in names if (text := _reasoning_text(value.get(name)))), "")
    return ""
