"""Counts the parts of one answer that its pieces are put together from.

LangChain joins the pieces at the end of an answer, in one go, and looks for each numbered part among all parts before:
20,000 of them, which have 4 MB, would stop every run for a minute.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from langchain_core.outputs import ChatGenerationChunk

from streaming.core.errors import BrokenStream

MAX_NUMBERED = 500
"""Tool calls, and blocks of content with an index of their own."""
MAX_OTHERS = 5_000
"""Blocks without one; some servers send each piece of a text so."""
_ADVICE = "What had arrived is kept. Check the provider at this address, or choose another one."


class AnswerParts:
    """The parts of one answer so far."""

    def __init__(self) -> None:
        self._numbered: set[tuple[str, str, str]] = set()
        self._indexes: set[tuple[str, str]] = set()
        self._others = 0

    def add(self, chunk: ChatGenerationChunk) -> None:
        """Count the parts of a piece; raises `BrokenStream` if they are too many."""
        for field, part in _parts(chunk):
            index, part_id = (part.get("index"), part.get("id")) if isinstance(part, Mapping) else (None, None)
            if index is None:
                self._others += 1
            elif part_id or (field, str(index)) not in self._indexes:
                self._numbered.add((field, str(index), str(part_id or "")))
                self._indexes.add((field, str(index)))
        if len(self._numbered) > MAX_NUMBERED or self._others > MAX_OTHERS:
            raise BrokenStream(
                f"The provider sent an answer of more than {MAX_NUMBERED} tool calls and numbered blocks, "
                f"or {MAX_OTHERS:,} other blocks.",
                advice=_ADVICE,
            )


def _parts(chunk: ChatGenerationChunk) -> Iterator[tuple[str, Any]]:
    message: Any = chunk.message
    for call in getattr(message, "tool_call_chunks", ()):
        yield "calls", call
    lists = [("content", message.content), *message.additional_kwargs.items(), *_log_probabilities(chunk)]
    for field, parts in lists:
        if isinstance(parts, list):
            for part in parts:
                yield field, part


def _log_probabilities(chunk: ChatGenerationChunk) -> Iterator[tuple[str, Any]]:
    found = (chunk.generation_info or {}).get("logprobs") or chunk.message.response_metadata.get("logprobs")
    if isinstance(found, Mapping):
        yield from ((f"logprobs {name}", parts) for name, parts in found.items())
