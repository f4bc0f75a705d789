"""The HTTP client for LangGraph Servers, whose answers are bounded: any of their graphs may write any state."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

from streaming.core.errors import BrokenStream, LimitReached
from streaming.providers.bounded_client import closed_on_error

MAX_BYTES = 25_000_000
"""An answer, or an event of a stream: more than the log of a run holds by default."""
MAX_ERROR_BYTES = 64_000


def too_large() -> LimitReached:
    """The error of an answer that is too large."""
    return LimitReached(
        f"The LangGraph Server sent a value of more than {MAX_BYTES / 1e6:.0f} MB.",
        advice="What had arrived by then is kept. Let the nodes of the graph write less.",
    )


class _Bounded(httpx.AsyncByteStream):
    """The bytes of an answer, or of each event; the rest of a large error is not read."""

    def __init__(self, stream: Any, *, is_error: bool, is_stream: bool) -> None:
        self._stream, self._is_error, self._is_stream = stream, is_error, is_stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for data in self._stream:
            size += len(data)
            if self._is_stream and (end := max(data.rfind(b"\n\n"), data.rfind(b"\r\n\r\n"))) >= 0:
                size = len(data) - end
            if self._is_error and size > MAX_ERROR_BYTES:
                return
            if size > MAX_BYTES:
                raise too_large()
            yield data

    async def aclose(self) -> None:
        await self._stream.aclose()


class BoundedClient(httpx.AsyncClient):
    """Raises `LimitReached` for an answer that is too large, and `BrokenStream` for one that is compressed."""

    async def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
        """Send the request."""
        request.headers["accept-encoding"] = "identity"
        response = await super().send(request, stream=True, **options)
        async with closed_on_error(response):
            if response.headers.get("content-encoding", "identity") != "identity":
                raise BrokenStream(
                    "The LangGraph Server sent a compressed answer, which was not asked for.",
                    advice="Switch the compression off in the server or its gateway.",
                )
            is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
            response.stream = _Bounded(response.stream, is_error=response.is_error, is_stream=is_stream)
            if not stream:
                await response.aread()
        return response
