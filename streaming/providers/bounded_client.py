"""HTTP clients whose responses go through `Body`, for requests to a provider of any kind."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from importlib import import_module
from typing import Any

from streaming.core.errors import BrokenStream
from streaming.core.loop_turns import LoopTurns
from streaming.providers.body_limits import Body
from streaming.providers.charsets import with_known_charset
from streaming.providers.url_policy import secrets_in_url

MAX_TOTAL_S = 3600.0
"""The longest time of one response; the limits of a run normally end it much earlier."""
HEADERS_S = 180.0
"""The longest wait for the end of a response's headers."""
READ_BYTES = 4_096
"""Bytes that are read at once: they may hold a response or a chunk every few bytes, which are all taken in one go."""
_INNER = ("_stream", "_httpcore_stream", "_connection")


@asynccontextmanager
async def closed_on_error(response: Any) -> AsyncIterator[None]:
    """Close the response if the block fails: nobody else would, and its connection would stay taken."""
    try:
        yield
    except BaseException:
        with suppress(Exception):
            await response.aclose()
        raise


def _body(request: Any, response: Any) -> Body:
    headers = response.headers
    body = Body(
        status=response.status_code,
        content_type=headers.get("content-type", ""),
        encoding=headers.get("content-encoding", ""),
        streams=_asks_for_stream(request),
        is_chat=b'"messages"' in _content(request),
        keys=_keys(request),
    )
    for name in ("content-encoding", "content-length", "set-cookie"):
        headers.pop(name, None)
    # A tracer of the operator's gets headers and reason, before an error is made of them.
    for name, value in list(headers.items()):
        if (cleaned := body.clean(value)) != value:
            headers[name] = cleaned
    if "content-type" in headers:
        headers["content-type"] = with_known_charset(headers["content-type"], is_error=response.status_code >= 400)
    reason = response.extensions.get("reason_phrase", b"").decode("ascii", "replace")
    if (cleaned := body.clean(reason)) != reason:
        response.extensions["reason_phrase"] = cleaned.encode("ascii", "replace")
    return body


def _keys(request: Any) -> list[str]:
    """The secrets of a request: what its headers and its URL have of them."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    found = [credentials, request.headers.get("api-key", ""), *secrets_in_url(str(request.url))]
    if scheme.lower() == "basic":
        with suppress(ValueError):
            login = base64.b64decode(credentials).decode(errors="replace")
            found += [login, login.partition(":")[2]]
    return [key for key in dict.fromkeys(found) if key]


def _content(request: Any) -> bytes:
    try:
        content: bytes = request.content
    except Exception:  # noqa: BLE001 - a request whose body was not read asks for no stream
        return b""
    return content


def _asks_for_stream(request: Any) -> bool:
    content = _content(request)
    return b'"stream":true' in content or b'"stream": true' in content


def _close_if_surplus(stream: Any) -> None:
    """Let the connection expire if it holds bytes after the answer: they would be read as the answer to the next."""
    for _ in range(8):
        state = getattr(stream, "_h11_state", None)
        if state is not None:
            if state.trailing_data[0]:
                stream._keepalive_expiry = -1.0
            return
        stream = next((inner for name in _INNER if (inner := getattr(stream, name, None)) is not None), None)


class _Handshake:
    """The connection that waits for TLS: the HTTP library forgets it if the request is cancelled then."""

    def __init__(self) -> None:
        self._connection: Any = None

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow the library's own report of its steps."""
        if event.endswith("connect_tcp.complete"):
            self._connection = info["return_value"]
        elif event.endswith("start_tls.complete") or event.endswith("send_request_headers.started"):
            self._connection = None

    async def close(self) -> None:
        """Close the connection if its handshake has not ended."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                await connection.aclose()


def _check_time(started_at: float) -> None:
    if time.monotonic() - started_at > MAX_TOTAL_S:
        raise BrokenStream(f"The provider's answer took longer than {MAX_TOTAL_S:g} s.", advice="Run it again.")


class _Nothing:
    """What is left of a body that has ended."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for nothing in self:
            yield nothing


@lru_cache
def bounded(package: str, kind: type) -> type:
    """The class of this HTTP client (`httpx` or `httpx2`) with bounded responses."""
    http: Any = import_module(package)
    core: Any = import_module(package.replace("httpx", "httpcore"))
    core.AsyncHTTP11Connection.READ_NUM_BYTES = READ_BYTES
    return _async_client(http, kind) if issubclass(kind, http.AsyncClient) else _client(http, kind)


def _async_stream(http: Any) -> type:
    class Bounded(http.AsyncByteStream):  # type: ignore[misc]
        """The response's bytes through `Body`; raises `BrokenStream` beyond its limits, or after `MAX_TOTAL_S`.

        A client that has what it wanted may ask again, to read the rest: after the end there is none, and the library
        below would look for it without end.
        """

        def __init__(self, stream: Any, body: Body) -> None:
            self._stream, self._left, self._body = stream, stream, body

        async def __aiter__(self) -> AsyncIterator[bytes]:
            started_at = time.monotonic()
            turns = LoopTurns()
            async for data in self._left:
                for piece in self._body.feed(data):
                    await turns.take()
                    if piece:
                        yield piece
                _check_time(started_at)
                await turns.take()
                if self._body.done:
                    break
            else:
                self._left = _Nothing()
            for piece in self._body.finish():
                await turns.take()
                if piece:
                    yield piece

        async def aclose(self) -> None:
            _close_if_surplus(self._stream)
            await self._stream.aclose()

    return Bounded


def _async_client(http: Any, kind: Any) -> type:
    stream_of = _async_stream(http)

    class BoundedClient(kind):  # type: ignore[misc]
        """A client whose responses are bounded; raises `TimeoutError` after `HEADERS_S` without headers."""

        async def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            request.headers["accept-encoding"] = "identity"
            handshake = _Handshake()
            request.extensions = {**request.extensions, "trace": handshake.trace}
            try:
                async with asyncio.timeout(HEADERS_S):
                    response = await super().send(request, stream=True, **options)
            except BaseException:
                await handshake.close()
                raise
            async with closed_on_error(response):
                response.stream = stream_of(response.stream, _body(request, response))
                if not stream:
                    await response.aread()
            return response

    return BoundedClient


def _stream(http: Any) -> type:
    class Bounded(http.SyncByteStream):  # type: ignore[misc]
        """The response's bytes through `Body`, as in the other way of calling it."""

        def __init__(self, stream: Any, body: Body) -> None:
            self._stream, self._left, self._body = stream, stream, body

        def __iter__(self) -> Iterator[bytes]:
            started_at = time.monotonic()
            for data in self._left:
                yield from filter(None, self._body.feed(data))
                _check_time(started_at)
                if self._body.done:
                    break
            else:
                self._left = _Nothing()
            yield from filter(None, self._body.finish())

        def close(self) -> None:
            _close_if_surplus(self._stream)
            self._stream.close()

    return Bounded


def _client(http: Any, kind: Any) -> type:
    stream_of = _stream(http)

    class BoundedClient(kind):  # type: ignore[misc]
        """A client whose responses are bounded; the wait for their headers is limited by the client's own timeout."""

        def send(self, request: Any, *, stream: bool = False, **options: Any) -> Any:
            request.headers["accept-encoding"] = "identity"
            response = super().send(request, stream=True, **options)
            try:
                response.stream = stream_of(response.stream, _body(request, response))
                if not stream:
                    response.read()
            except BaseException:
                with suppress(Exception):
                    response.close()
                raise
            return response

    return BoundedClient
