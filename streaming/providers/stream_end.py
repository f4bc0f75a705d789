"""Whether a provider has sent `[DONE]`, the end of a stream by OpenAI's protocol.

The clients end a stream in the same way whether `[DONE]` came or the connection was closed, but an answer without a
finish reason is complete only in the first case.
"""

import re
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

_DONE = re.compile(rb"[\r\n]data: ?\[DONE\]")
_TAIL = 16
"""Bytes of the chunk before that may begin the line: more than the line has."""


class StreamEnd:
    """`seen` is true once the provider has sent `[DONE]`."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen = False


_watched: ContextVar[StreamEnd | None] = ContextVar("watched", default=None)


def watch_stream_end() -> StreamEnd:
    """Whether the next stream of this task has ended by `[DONE]`; changes as the stream is read."""
    end = StreamEnd()
    _watched.set(end)
    return end


async def observe_response(response: Any) -> None:
    """A hook of an asynchronous HTTP client of httpx: look for `[DONE]` in the response as it is read."""
    end = _watched.get()
    if end is None or not str(response.headers.get("content-type", "")).startswith("text/event-stream"):
        return
    _watched.set(None)
    read = response.aiter_bytes

    async def watched(chunk_size: int | None = None) -> AsyncIterator[bytes]:
        tail = b"\n"
        async for chunk in read(chunk_size):
            if not end.seen:
                end.seen = _DONE.search(tail + chunk) is not None
                tail = (tail + chunk)[-_TAIL:]
            yield chunk

    response.aiter_bytes = watched
