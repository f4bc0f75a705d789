"""The chunks of a provider's stream as the plain values that LangChain reads anyway.

The clients' packages build an object of their models from each chunk, value by value, which LangChain turns into a
dictionary again: a third of all that a token costs.
"""

from importlib import import_module
from inspect import isawaitable
from typing import Any

from streaming.providers.token_counts import with_sound_groq_usage


class PlainChunks:
    """Stands for a client's `chat.completions`; a stream of it gives each chunk as parsed JSON."""

    def __init__(self, completions: Any, package: str) -> None:
        self._completions = completions
        self._package = package
        self._stream_of: Any = import_module(package).AsyncStream

    async def create(self, **payload: Any) -> Any:
        """The answer, or its stream, by the arguments of the client's own method."""
        if not payload.get("stream"):
            return await self._completions.create(**payload)
        response = await self._completions.with_raw_response.create(**payload)
        streamed = response.parse(to=self._stream_of[object])
        stream = await streamed if isawaitable(streamed) else streamed
        return _SoundChunks(stream) if self._package == "groq" else stream

    def __getattr__(self, name: str) -> Any:
        """Everything else is the client's; a copy asks for private names before it has a client."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._completions, name)


class _SoundChunks:
    """A stream of Groq's: LangChain's client has no step of its own for a chunk, in which one could look at it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __aiter__(self) -> "_SoundChunks":
        return self

    async def __anext__(self) -> Any:
        return with_sound_groq_usage(await anext(self._stream))
