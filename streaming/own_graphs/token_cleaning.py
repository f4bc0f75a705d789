"""Takes the keys of a graph out of its tokens, also where a key comes in pieces."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk

from streaming.providers.key_forms import MIN_KEY_CHARS, PieceCleaner

Part = Mapping[str, Any]


class TokenCleaner:
    """For the parts of one stream; an end of a text that may begin a key waits for what follows it.

    Whole values need no memory: `core.serialization.hide_keys` cleans them.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = [key for key in keys if len(key) >= MIN_KEY_CHARS]
        self._open: dict[str, tuple[PieceCleaner, Part]] = {}

    def feed(self, part: Part) -> Part:
        """The part without keys."""
        chunk = part["data"][0] if self._keys and part["type"] == "messages" else None
        if not isinstance(chunk, AIMessageChunk) or not isinstance(chunk.content, str):
            return part
        message = chunk.id or ""
        cleaner, _ = self._open.get(message) or (PieceCleaner(self._keys), part)
        self._open[message] = cleaner, part
        text = cleaner.feed(chunk.content)
        if chunk.chunk_position == "last":
            text += cleaner.finish()
            del self._open[message]
        return part if text == chunk.content else _with(part, content=text)

    def finish(self) -> Iterator[Part]:
        """The ends that were held back, at the end of the stream."""
        for cleaner, part in self._open.values():
            if rest := cleaner.finish():
                yield _with(part, content=rest, tool_call_chunks=[])
        self._open.clear()


def _with(part: Part, **fields: Any) -> Part:
    chunk, *others = part["data"]
    return {**part, "data": [chunk.model_copy(update=fields), *others]}
