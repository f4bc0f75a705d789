"""What a message holds beside its text: reasoning, a refusal, the reason of its end, and content of other types.

Providers, and the clients for them, put each of these in different fields; this module knows the fields.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

_FINISH_REASONS = ("finish_reason", "stop_reason", "done_reason", "finishReason", "stopReason")
_REASONING_FIELDS = ("reasoning_content", "reasoning")
_REASONING = frozenset({"reasoning", "thinking", "reasoning_content"})
_TOOL_CALLS = frozenset({"tool_use", "tool_call", "tool_call_chunk", "input_json_delta", "function_call"})
_TEXTS = frozenset({"text", "output_text"})
_PLAIN_TEXT = frozenset({"type", "text", "index", "id", "annotations"})
_PLAIN_REASONING = frozenset({*_REASONING, "type", "text", "summary", "content", "index", "id"})
_BESIDE = ("images", "audio", "annotations", "citations")
"""Fields of `additional_kwargs` in which servers send content that is not text."""

_MEDIA_TYPES = frozenset({"mime_type", "media_type", "mimeType", "mediaType", "format"})
_DATA_URL = re.compile(r"data:([\w.+/-]*)[^,]{0,80},")
_MAX_MEDIA, _MAX_DEPTH = 60, 20

_OPEN, _CLOSE = ("<think>", "<thinking>"), ("</think>", "</thinking>")


def finish_reason(metadata: Mapping[str, Any]) -> str | None:
    """Why the answer ended, in the provider's own word; `None` if it has not ended, or the provider gave no reason."""
    reasons = (metadata.get(name) for name in _FINISH_REASONS)
    return next((str(reason) for reason in reasons if reason), None)


def reasoning_in(content: Any, beside: Mapping[str, Any]) -> str:
    """The reasoning of a message: in the blocks of its content, or in the fields beside it (`additional_kwargs`)."""
    blocks = "".join(_reasoning_text(block) for block in _blocks(content) if block.get("type") in _REASONING)
    return blocks or next((text for name in _REASONING_FIELDS if (text := _reasoning_text(beside.get(name)))), "")


def refusal_in(content: Any, beside: Mapping[str, Any]) -> str:
    """The words in which the model declines, if they come apart from the text."""
    blocks = "".join(str(block.get("refusal") or "") for block in _blocks(content))
    return blocks or str(beside.get("refusal") or "")


def other_content(message: BaseMessage) -> list[dict[str, Any]]:
    """The content blocks that are neither text nor reasoning nor tool calls; a text block with citations is one too."""
    blocks = [dict(block) for block in _blocks(message.content) if not _is_plain(block)]
    for name in _BESIDE:
        value = message.additional_kwargs.get(name)
        items = value if isinstance(value, list) else [value] if value else []
        kind = name.removesuffix("s")
        blocks += [item if isinstance(item, dict) and "type" in item else {"type": kind, kind: item} for item in items]
    return blocks


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
        item if isinstance(item, str) else str(item.get("text") or "")
        for item in content
        if isinstance(item, str) or (isinstance(item, Mapping) and item.get("type", "text") in _TEXTS)
    )


class ThinkTags:
    """Divides the text of one message into text and the reasoning that is between `<think>` tags at its start.

    Models write the tags only there; an answer that speaks of `<think>` later keeps it. A tag may be cut anywhere by
    the chunks, so a beginning of one is held back until it is known.
    """

    def __init__(self) -> None:
        self._held = ""
        self._closing = ""
        self._passed = False
        self._trims = True

    def split(self, piece: str, *, ends: bool = False) -> tuple[str, str]:
        """The text and the reasoning that this piece adds; with `ends`, nothing is held back."""
        if self._passed:
            return self._trimmed(piece), ""
        self._held += piece
        text, thought = self._divide()
        if ends and self._held:
            text, thought = (text, thought + self._trimmed(self._held)) if self._closing else (self._held, thought)
            self._held = ""
        return text, thought

    def _divide(self) -> tuple[str, str]:
        if not self._closing and not self._opens():
            return self._give_up() if self._held and not self._may_open() else ("", "")
        before, found, after = self._held.partition(self._closing)
        if found:
            thought, self._passed, self._held, self._trims = self._trimmed(before), True, "", True
            return self._trimmed(after), thought
        keep = _tail_that_may_be(self._closing, self._held)
        thought, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        return "", self._trimmed(thought)

    def _opens(self) -> bool:
        start = self._held.lstrip()
        for opening, closing in zip(_OPEN, _CLOSE, strict=True):
            if start.startswith(opening):
                self._held, self._closing = start[len(opening) :], closing
                return True
        return False

    def _may_open(self) -> bool:
        start = self._held.lstrip()
        return any(opening.startswith(start) for opening in _OPEN)

    def _give_up(self) -> tuple[str, str]:
        text, self._held, self._passed, self._trims = self._held, "", True, False
        return text, ""

    def _trimmed(self, piece: str) -> str:
        """The piece, without white space at the start of the reasoning and between it and the answer."""
        if self._trims:
            piece = piece.lstrip()
            self._trims = not piece
        return piece


def _tail_that_may_be(tag: str, text: str) -> int:
    """The number of characters at the end of the text that may be the beginning of the tag."""
    return next((size for size in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-size:])), 0)


def _blocks(content: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, Sequence) and not isinstance(content, str):
        yield from (block for block in content if isinstance(block, Mapping))


def _is_plain(block: Mapping[str, Any]) -> bool:
    kind = block.get("type", "text")
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
