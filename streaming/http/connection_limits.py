"""Limits of a connection that the web server does not have.

It waits for a request, and for a client that reads, without end. It handles at once what has arrived, however many
pieces that is, and takes messages up to the size of those that it sends.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

REQUEST_S = 20.0
"""The longest time until the headers of a request, from the connection or from the answer before."""
MOST_WAITING, YOUNG_S = 200, 2.0
"""Connections without a request; one more closes the oldest of them, unless they have only just come, as those of many
visitors at the same moment."""
UNREAD_S = 120.0
"""The longest time in which a client may read nothing of an answer."""
SHUTDOWN_S = 5.0
"""The longest time that a client may keep a server from its end."""
READ_BYTES = 16_384
"""Received bytes that are handled in one go: those of 256 KB, asyncio's own limit, took 0.4 s as chunks of one byte."""
SMALL_PIECES, PIECE_BYTES = 1_000, 256
"""A body comes in so many pieces of any size; if in more, they have this size on average."""
MESSAGE_BYTES = 16_384
FRAMES_PER_SECOND = 1_000
"""Of one WebSocket. A browser sends a message of 1 MB in some ten to sixty."""
MOST_FRAMES = 2_000
"""Of one message."""

_NO_TEXT, _VIOLATION = 1007, 1008


class _Checked:
    """A connection that is ended when nothing of what waits for its client is read."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def _begin_checks(self) -> None:
        with suppress(AttributeError):  # a loop of another kind reads as it likes
            self.transport.max_size = READ_BYTES  # type: ignore[attr-defined]
        self._unread_bytes, self._unread_since = 0, 0.0
        self._check_later()

    def _end_checks(self) -> None:
        self._next_check.cancel()

    def _check_later(self) -> None:
        self._next_check = self.loop.call_later(min(REQUEST_S, UNREAD_S) / 2, self._check)

    def _is_mine(self) -> bool:
        handled_by: object = self.transport.get_protocol()
        return handled_by is self  # or it has become a WebSocket

    def _check(self) -> None:
        if not self._is_mine():
            return
        if self._is_over(self.loop.time()):
            self.transport.abort()
        else:
            self._check_later()

    def _is_over(self, now: float) -> bool:
        size = self.transport.get_write_buffer_size()
        if not size or size != self._unread_bytes:
            self._unread_bytes, self._unread_since = size, now
        return size > 0 and now - self._unread_since > UNREAD_S


class _Connection(h11.Connection):
    """Refuses a body in too many small pieces: each costs the server a thousand times what it costs the client."""

    _pieces = _bytes = 0

    def next_event(self) -> Any:
        """What has arrived."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            self._pieces = self._bytes = 0
        elif isinstance(event, h11.Data):
            self._pieces += 1
            self._bytes += len(event.data)
            if self._pieces > SMALL_PIECES + self._bytes / PIECE_BYTES:
                raise h11.RemoteProtocolError("the body comes in too many pieces")
        return event


_waiting: WeakKeyDictionary[ServerState, dict["LimitedHttp", float]] = WeakKeyDictionary()
"""The connections of each server that have no request, since when by the loop's time, the oldest first."""


class LimitedHttp(H11Protocol, _Checked):
    """A connection that is closed when no request comes, a body is in crumbs, or nothing of an answer is read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = _Connection(h11.SERVER)
        self._waiting = _waiting.setdefault(self.server_state, {})

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._begin_checks()
        self._note_waiting()
        while len(self._waiting) > MOST_WAITING:
            oldest, since = next(iter(self._waiting.items()))
            if self.loop.time() - since < YOUNG_S:
                break
            del self._waiting[oldest]
            oldest.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop to wait."""
        self._end_checks()
        self._waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle a piece of a request."""
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # it is damaged, and its answer has begun, so there is none to say so
            self.transport.abort()
        self._note_waiting()

    def on_response_complete(self) -> None:
        """Begin to wait for the next request."""
        self._waiting.pop(self, None)
        super().on_response_complete()
        self._note_waiting()

    def shutdown(self) -> None:
        """Let the request end, for a moment."""
        super().shutdown()
        self.loop.call_later(SHUTDOWN_S, self.transport.abort)

    def _note_waiting(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering or self.transport.is_closing() or not self._is_mine():
            self._waiting.pop(self, None)
        else:
            self._waiting.setdefault(self, self.loop.time())

    def _is_over(self, now: float) -> bool:
        since = self._waiting.get(self)
        return (since is not None and now - since > REQUEST_S) or super()._is_over(now)


class LimitedSocket(WebSocketsSansIOProtocol, _Checked):
    """A WebSocket whose messages have a size and a pace, and that ends with a client that does not answer."""

    message_bytes: Mapping[str, int] = {}
    """By the end of the path, where it is not `MESSAGE_BYTES`."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to count."""
        super().connection_made(transport)
        self._counting_since, self._counted = self.loop.time(), 0
        self._begin_checks()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count no longer."""
        self._end_checks()
        super().connection_lost(exc)

    def handle_connect(self, event: Request) -> None:
        """Limit the messages to this path."""
        super().handle_connect(event)
        path = event.path.partition("?")[0]
        sizes = (size for end, size in self.message_bytes.items() if path.endswith(end))
        self.conn.max_message_size = next(sizes, MESSAGE_BYTES)

    def handle_events(self) -> None:
        """Handle what has arrived, unless it is too much."""
        now = self.loop.time()
        if now - self._counting_since > 1:
            self._counting_since, self._counted = now, 0
        self._counted += len(self.conn.events)
        if self._counted > FRAMES_PER_SECOND or len(self.frames) > MOST_FRAMES:
            self.conn.fail(_VIOLATION, "too many frames")
            self.handle_parser_exception()
        else:
            super().handle_events()

    def send_receive_event_to_app(self) -> None:
        """Pass a message on; text that is none ends the connection, without a stack in the log."""
        if self.curr_msg_data_type == "text" and not _is_text(b"".join(self.frames)):
            self.frames = []
            self.conn.fail(_NO_TEXT)
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Send to the client; one whose connection is closed already is one that has left, and no fault of the app."""
        try:
            await super().send(message)
        except RuntimeError:
            if self.handshake_complete and self.close_sent:
                raise ClientDisconnected from None
            raise

    def handle_ping(self) -> None:
        """Answer, unless the client reads none of the answers: they would fill the memory."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def keepalive_timeout(self) -> None:
        """End the connection at once: what is not sent yet would keep it open."""
        super().keepalive_timeout()
        self.transport.abort()

    def shutdown(self) -> None:
        """Say goodbye, for a moment."""
        super().shutdown()
        self.loop.call_later(SHUTDOWN_S, self.transport.abort)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Fixed:
    """An attribute that is this value, whatever is set."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __get__(self, *_: object) -> Any:
        return self._value

    def __set__(self, *_: object) -> None:
        pass


def limit_connections(message_bytes: Mapping[str, int]) -> None:
    """Limit all connections of this process's servers, also of one that has begun to load the app.

    Streamlit starts the server, and lets nobody choose its classes. `message_bytes` is by the end of a path.
    """
    LimitedSocket.message_bytes = message_bytes
    for name, protocol in {"http_protocol_class": LimitedHttp, "ws_protocol_class": LimitedSocket}.items():
        setattr(Config, name, _Fixed(protocol))
