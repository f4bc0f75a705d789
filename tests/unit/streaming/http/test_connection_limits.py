"""Connections of clients that send or read nothing, or too much, on real sockets."""

import asyncio
import logging
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any
from unittest.mock import Mock

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn.server import ServerState

from streaming.http import connection_limits as limits
from streaming.http.connection_limits import LimitedHttp, LimitedSocket
from tests.support.http_server import running

WHOLE = b"GET /whole HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = (
    b"GET /%s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
_MASK = b"\0\0\0\0"


class Served:
    """An app, and what it knows of its clients."""

    def __init__(self) -> None:
        self.left = threading.Semaphore(0)
        """Released for each client that the app knows to have gone."""
        self.begun = threading.Event()
        self.released = threading.Event()
        self.app = Starlette(
            routes=[
                Route("/whole", lambda _: PlainTextResponse("all")),
                Route("/body", self._body, methods=["POST"]),
                Route("/held", self._held, methods=["GET", "POST"]),
                Route("/endless", self._endless),
                WebSocketRoute("/sizes", self._sizes),
                WebSocketRoute("/sub/long", self._sizes),
                WebSocketRoute("/flood", self._flood),
                WebSocketRoute("/late", self._late),
            ]
        )

    async def _body(self, request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def _held(self, _: Request) -> Response:
        self.begun.set()
        await asyncio.to_thread(self.released.wait, 30)
        return PlainTextResponse("late")

    async def _endless(self, _: Request) -> Response:
        async def content() -> AsyncIterator[bytes]:
            try:
                while True:
                    await asyncio.sleep(0)  # a client that has gone delays nothing
                    yield b"x" * 65_536
            finally:
                self.left.release()

        return StreamingResponse(content())

    async def _sizes(self, found: WebSocket) -> None:
        await found.accept()
        while (message := await found.receive())["type"] == "websocket.receive":
            await found.send_text(str(len(message["text"])))
        self.left.release()

    async def _late(self, found: WebSocket) -> None:
        """Answer when the client has gone."""
        await found.accept()
        while (await found.receive())["type"] == "websocket.receive":
            pass
        try:
            await found.send_text("late")
        except WebSocketDisconnect:
            self.left.release()

    async def _flood(self, found: WebSocket) -> None:
        await found.accept()
        try:
            while True:
                await found.send_text("x" * 65_536)
        finally:
            self.left.release()


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    served.released.set()


@contextmanager
def serving(served: Served, **options: Any) -> Iterator[int]:
    """Its port."""
    with running(served.app, http=LimitedHttp, ws=LimitedSocket, **options) as address:
        yield int(address.rpartition(":")[2])


@contextmanager
def client(port: int, sent: bytes = b"", *, buffer: int | None = None) -> Iterator[socket.socket]:
    with closing(socket.socket()) as found:
        if buffer is not None:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        found.settimeout(20)
        found.connect(("127.0.0.1", port))
        found.sendall(sent)
        yield found


def received(found: socket.socket, wanted: bytes) -> bytes:
    """What the server sends until this is in it, or until it ends the connection."""
    content = b""
    while wanted not in content:
        try:
            piece = found.recv(65_536)
        except ConnectionError:
            return content
        if not piece:
            return content
        content += piece
    return content


def is_closed(found: socket.socket) -> bool:
    """Whether the server ends the connection."""
    try:
        received(found, b"nothing of this kind")
    except TimeoutError:
        return False
    return True


def frame(content: bytes = b"", *, code: int = 0x81, length: int | None = None) -> bytes:
    return bytes([code, 0xFF]) + struct.pack("!Q", len(content) if length is None else length) + _MASK + content


@pytest.mark.parametrize("sent", [b"", b"G", b"GET /whole HTTP/1.1\r\nHost: x\r\n", WHOLE + b"GET /wh"])
def test_a_request_that_does_not_end_is_not_waited_for(
    served: Served, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "REQUEST_S", 0.1)
    with serving(served) as port, client(port, sent) as found:
        assert is_closed(found)


def test_nor_one_that_comes_in_drops(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUEST_S", 0.1)
    with serving(served) as port, client(port, b"GET /whole HTTP/1.1\r\nX: ") as found:
        found.settimeout(0.02)
        for _ in range(1_000):
            with suppress(ConnectionError):
                found.sendall(b"x")
            if is_closed(found):
                break
        else:
            pytest.fail("it is still open")


def test_an_answer_that_takes_long_is_waited_for(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REQUEST_S", 0.02)
    monkeypatch.setattr(limits, "UNREAD_S", 0.02)
    checks = threading.Semaphore(0)
    check = LimitedHttp._check
    monkeypatch.setattr(LimitedHttp, "_check", lambda self: (check(self), checks.release()))
    with serving(served) as port, client(port, WHOLE.replace(b"whole", b"held")) as found:
        for _ in range(20):
            assert checks.acquire(timeout=20)
        served.released.set()
        assert b"late" in received(found, b"late")


def test_the_oldest_without_a_request_makes_room(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_WAITING", 2)
    monkeypatch.setattr(limits, "YOUNG_S", 0)
    with serving(served) as port, client(port, WHOLE.replace(b"whole", b"held")) as busy:
        assert served.begun.wait(20)
        with client(port, b"G") as first, client(port, b"G") as second, client(port, WHOLE) as third:
            assert b"all" in received(third, b"all")
            assert is_closed(first)
            second.sendall(WHOLE[1:])
            assert b"all" in received(second, b"all")
        served.released.set()
        assert b"late" in received(busy, b"late")


def test_many_that_come_at_the_same_moment_have_time_for_their_requests(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_WAITING", 2)
    with serving(served) as port, ExitStack() as clients:
        found = [clients.enter_context(client(port)) for _ in range(10)]
        for one in found:
            one.sendall(WHOLE)
        assert all(b"all" in received(one, b"all") for one in found)


@pytest.mark.parametrize("sent", [WHOLE.replace(b"whole", b"endless"), UPGRADE % b"flood"])
def test_a_client_that_reads_nothing_is_left(served: Served, sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNREAD_S", 0.1)
    with serving(served) as port, client(port, sent, buffer=4_096):
        assert served.left.acquire(timeout=20)


@pytest.mark.parametrize("sent", [b"GET /", WHOLE.replace(b"whole", b"endless"), UPGRADE % b"flood"])
def test_a_client_that_reads_nothing_keeps_no_server_from_its_end(
    served: Served, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SHUTDOWN_S", 0.1)
    with ExitStack() as clients, serving(served, ws_ping_interval=None) as port:
        found = clients.enter_context(client(port, sent, buffer=4_096))
        if b"HTTP" in sent:
            assert received(found, b"x" * 1_000)


@pytest.mark.parametrize(
    ("path", "most"), [(b"sizes", 16_384), (b"sub/long", 50_000)], ids=["of every path", "of this path"]
)
def test_a_longer_message_is_refused_by_its_first_bytes(
    served: Served, path: bytes, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LimitedSocket, "message_bytes", {"/long": 50_000})
    with serving(served) as port:
        with client(port, UPGRADE % path) as found:
            assert received(found, b"\r\n\r\n")
            found.sendall(frame(b"x" * most))
            assert str(most).encode() in received(found, str(most).encode())
            found.sendall(frame(length=most + 1))
            assert struct.pack("!H", 1009) in received(found, struct.pack("!H", 1009))
        with client(port, UPGRADE % path) as found:
            assert received(found, b"\r\n\r\n")
            found.sendall(frame(b"x" * most, code=0x01) + frame(b"x", code=0))
            assert struct.pack("!H", 1009) in received(found, struct.pack("!H", 1009))


@pytest.mark.parametrize("code", [0x00, 0x81, 0x89, 0x8A], ids=["pieces", "messages", "pings", "pongs"])
def test_too_many_frames_end_a_socket(served: Served, code: int) -> None:
    with serving(served) as port, client(port, UPGRADE % b"sizes") as found:
        assert received(found, b"\r\n\r\n")
        found.sendall(frame(code=0x01) if code == 0 else b"")
        with suppress(ConnectionError):
            found.sendall(frame(code=code) * (limits.FRAMES_PER_SECOND + 1))
        assert is_closed(found)
        assert served.left.acquire(timeout=20)


def test_pieces_of_one_message_have_a_number(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_FRAMES", 3)
    with serving(served) as port, client(port, UPGRADE % b"sizes") as found:
        assert received(found, b"\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(5):  # each arrives alone, because its answer is awaited
                found.sendall(frame(code=0x01 if _ == 0 else 0x00) + frame(b"is", code=0x89))
                received(found, b"is")
        assert is_closed(found)


def test_what_is_no_text_ends_a_socket_and_leaves_no_stack_in_the_log(
    served: Served, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(served) as port, client(port, UPGRADE % b"late") as found:
        monkeypatch.setattr(logging.getLogger("uvicorn"), "propagate", True)
        received(found, b"\r\n\r\n")
        found.sendall(frame(b"\xff\xfe"))
        assert struct.pack("!H", 1007) in received(found, b"nothing of this kind")
        # Its handler sends once more, and is told that the client has gone.
        assert served.left.acquire(timeout=20)
    assert [record.getMessage() for record in caplog.records] == []


async def test_answers_to_pings_that_nobody_reads_are_not_kept() -> None:
    config = uvicorn.Config(Starlette(), ws=LimitedSocket)
    config.load()
    found = LimitedSocket(config, ServerState(), {})
    transport = Mock(
        asyncio.Transport, **{"get_extra_info.return_value": None, "get_write_buffer_size.return_value": 0}
    )
    found.connection_made(transport)
    found.data_received(UPGRADE % b"sizes")
    found.conn.send_response(found.response)
    found.conn.data_to_send()
    found.data_received(frame(b"1", code=0x89))
    found.pause_writing()
    found.data_received(frame(b"2", code=0x89))
    found.resume_writing()
    found.data_received(frame(b"3", code=0x89))
    found.connection_lost(None)
    assert [call.args[0] for call in transport.write.call_args_list] == [b"\x8a\x011", b"\x8a\x013"]


HEAD = b"POST /%s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_what_arrives_is_handled_in_small_pieces(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    receive = LimitedHttp.data_received
    monkeypatch.setattr(LimitedHttp, "data_received", lambda self, data: (sizes.append(len(data)), receive(self, data)))
    with serving(served) as port, client(port, HEAD % b"body") as found:
        for _ in range(2):
            found.sendall((b"1000\r\n" + b"a" * 0x1000 + b"\r\n") * 200 + b"0\r\n\r\n")
            assert b"819200" in received(found, b"819200")
            found.sendall(HEAD % b"body")
    assert max(sizes) <= limits.READ_BYTES


@pytest.mark.parametrize("path", [b"body", b"held", b"whole"])
def test_a_body_in_crumbs_is_refused(served: Served, path: bytes) -> None:
    with serving(served) as port, client(port, HEAD % path) as found:
        if path == b"held":
            assert served.begun.wait(20)
        found.sendall(b"1\r\na\r\n" * 1_000)
        with suppress(ConnectionError):
            found.sendall(b"1\r\na\r\n" * 1_000)
        assert is_closed(found)
        served.released.set()
