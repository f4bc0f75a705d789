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

_Field = tuple[str, Any]
"""What grows by pieces: its kind, and its name or the index of its call."""
_TEXT: _Field = ("text", None)
_BLOCKS = ("text", "reasoning", "thinking", "refusal")
"""The kinds of blocks whose text grows, which is a field of the same name."""
_PARTS = ("reasoning_content", "summary", "content")
"""Fields of a block in which the texts of a thought are, in parts."""
_THOUGHT: _Field = ("block", "reasoning")
_Clean = Callable[[_Field, Any], Awaitable[Any]]


async def without_keys(
    chunks: AsyncIterator[ChatGenerationChunk], keys: Sequence[str]
) -> AsyncIterator[ChatGenerationChunk]:
    """The chunks without these keys, and of whole characters, in text, reasoning, and the names and arguments of calls.

    What comes in one piece, such as an id, the transport has cleaned before.
    """
    cleaners: dict[_Field, _Cleaner] = {}
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
    chunk: ChatGenerationChunk, cleaners: dict[_Field, _Cleaner], of_keys: PieceCleaner
) -> ChatGenerationChunk:
    message: Any = chunk.message

    async def clean(field: _Field, piece: Any) -> Any:
        if not isinstance(piece, str):
            return piece
        return await (cleaners.get(field) or cleaners.setdefault(field, _Cleaner(of_keys))).feed(piece)

    content = message.content
    blocks = (
        await clean(_TEXT, content) if isinstance(content, str) else [await _clean_block(one, clean) for one in content]
    )
    calls = [
        {
            **call,
            "args": await clean(("args", call.get("index")), call.get("args")),
            "name": await clean(("name", call.get("index")), call.get("name")),
        }
        for call in getattr(message, "tool_call_chunks", ())
    ]
    more = {name: await clean(("more", name), value) for name, value in message.additional_kwargs.items()}
    if (blocks, more) == (content, message.additional_kwargs) and calls == message.tool_call_chunks:
        return chunk
    update: dict[str, Any] = {"content": blocks, "additional_kwargs": more, "tool_call_chunks": calls}
    fields = ("response_metadata", "usage_metadata", "id", "name", "chunk_position")
    update |= {name: getattr(message, name) for name in fields if getattr(message, name, None) is not None}
    return ChatGenerationChunk(message=AIMessageChunk(**update), generation_info=chunk.generation_info)


async def _clean_block(block: Any, clean: _Clean) -> Any:
    if not isinstance(block, dict):
        return await clean(_TEXT, block)
    grown = {name: await clean(("block", name), block[name]) for name in _BLOCKS if name in block}
    return {**block, **grown, **{name: await _clean_part(block[name], clean) for name in _PARTS if name in block}}


async def _clean_part(part: Any, clean: _Clean) -> Any:
    """A part of a thought: a text, a list of parts, or a block whose text is in one of its fields."""
    if isinstance(part, list):
        return [await _clean_part(one, clean) for one in part]
    if isinstance(part, dict):
        names = [name for name in ("text", *_PARTS) if name in part]
        return {**part, **{name: await _clean_part(part[name], clean) for name in names}}
    return await clean(_THOUGHT, part)


def _rest(cleaners: dict[_Field, _Cleaner]) -> ChatGenerationChunk | None:
    """The ends that were held back, each in the field that it is of."""
    ends = [(field, end) for field, cleaner in cleaners.items() if (end := cleaner.finish())]
    if not ends:
        return None
    text = "".join(end for field, end in ends if field == _TEXT)
    more = {name: end for (kind, name), end in ends if kind == "more"}
    calls = [
        {"index": index, "id": None, "type": "tool_call_chunk", "name": None, "args": None, kind: end}
        for (kind, index), end in ends
        if kind in ("name", "args")
    ]
    blocks = [{"type": name, name: end} for (kind, name), end in ends if kind == "block"]
    content: Any = [*([text] if text else []), *blocks] if blocks else text
    message: Any = {"content": content, "additional_kwargs": more, "tool_call_chunks": calls}
    return ChatGenerationChunk(message=AIMessageChunk(**message))
