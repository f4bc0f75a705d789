"""Takes the keys of a request out of the chunks of its answer, and joins characters: both may come in pieces."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from streaming.providers.key_forms import PieceCleaner
from streaming.providers.whole_characters import CharacterJoiner

PIECE_CHARS = 200_000
"""Between pieces of a longer text, such as a picture, other tasks have their turns."""

_CONTENT = "content"
_Clean = Callable[[str, Any], Awaitable[Any]]


async def without_keys(
    chunks: AsyncIterator[ChatGenerationChunk], keys: Sequence[str]
) -> AsyncIterator[ChatGenerationChunk]:
    """The chunks without these keys, and of whole characters, in text, reasoning, and the names and arguments of calls.

    What comes in one piece, such as an id, the transport has cleaned before.
    """
    cleaners: dict[str, _Cleaner] = {}
    of_keys = PieceCleaner(keys)
    try:
        async for chunk in chunks:
            yield await _cleaned(chunk, cleaners, of_keys)
    except Exception:
        if (rest := _rest(cleaners)) is not None:
            yield rest
        raise
    if (rest := _rest(cleaners)) is not None:
        yield rest


class _Cleaner:
    """Cleans one field of an answer, piece by piece."""

    def __init__(self, of_keys: PieceCleaner) -> None:
        self._characters = CharacterJoiner()
        self._keys = of_keys.for_another_text()

    async def feed(self, piece: str) -> str:
        if len(piece) <= PIECE_CHARS:
            return self._feed(piece)
        passed = []
        for start in range(0, len(piece), PIECE_CHARS):
            await asyncio.sleep(0)
            passed.append(self._feed(piece[start : start + PIECE_CHARS]))
        return "".join(passed)

    def _feed(self, piece: str) -> str:
        return self._keys.feed(self._characters.feed(piece))

    def finish(self) -> str:
        return self._keys.feed(self._characters.finish()) + self._keys.finish()


async def _cleaned(
    chunk: ChatGenerationChunk, cleaners: dict[str, _Cleaner], of_keys: PieceCleaner
) -> ChatGenerationChunk:
    message: Any = chunk.message

    async def clean(field: str, piece: Any) -> Any:
        if not isinstance(piece, str):
            return piece
        return await (cleaners.get(field) or cleaners.setdefault(field, _Cleaner(of_keys))).feed(piece)

    info = {**message.response_metadata, **(chunk.generation_info or {})}
    content = await clean(_CONTENT, message.content)
    if info.get("finish_reason") and isinstance(content, str) and _CONTENT in cleaners:
        content += cleaners[_CONTENT].finish()
    calls = [
        {
            **call,
            "args": await clean(f"call {call.get('index')}", call.get("args")),
            "name": await clean(f"name {call.get('index')}", call.get("name")),
        }
        for call in getattr(message, "tool_call_chunks", ())
    ]
    blocks = content if isinstance(content, str) else [await _clean_block(block, clean) for block in content]
    more = {name: await clean(name, value) for name, value in message.additional_kwargs.items()}
    if (blocks, more) == (message.content, message.additional_kwargs) and calls == message.tool_call_chunks:
        return chunk
    update: dict[str, Any] = {"content": blocks, "additional_kwargs": more, "tool_call_chunks": calls}
    fields = ("response_metadata", "usage_metadata", "id", "name", "chunk_position")
    update |= {name: getattr(message, name) for name in fields if getattr(message, name, None) is not None}
    return ChatGenerationChunk(message=AIMessageChunk(**update), generation_info=chunk.generation_info)


async def _clean_block(block: Any, clean: _Clean) -> Any:
    if not isinstance(block, dict):
        return await clean(_CONTENT, block)
    names = [name for name in ("text", "reasoning", "thinking") if name in block]
    return {**block, **{name: await clean(f"block {name}", block[name]) for name in names}}


def _rest(cleaners: dict[str, _Cleaner]) -> ChatGenerationChunk | None:
    """The end of the text that was held back."""
    text = cleaners[_CONTENT].finish() if _CONTENT in cleaners else ""
    return ChatGenerationChunk(message=AIMessageChunk(content=text)) if text else None
