"""A provider that writes raw bytes to its sockets: what an HTTP server library would not send."""

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket], None]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CLOSED = HEAD + b"Connection: close\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def event(text: str = "", finish: str | None = None) -> bytes:
    """A chunk of an answer as a server-sent event."""
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def chunked(data: bytes) -> bytes:
    """The data as one chunk of the chunked encoding."""
    return b"%x\r\n%s\r\n" % (len(data), data)


WHOLE = event("The tide ") + event("is out.") + event(finish="stop") + DONE
BEGUN = event("The tide ")


def sends(*parts: bytes) -> Script:
    """Write these parts and close."""

    def script(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)

    return script


def resets(*parts: bytes) -> Script:
    """Write these parts, then reset the connection."""

    def script(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
        time.sleep(0.05)  # without it the reset overtakes what was written
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def half_closes(*parts: bytes) -> Script:
    """Write these parts, end the sending side only, and wait for the client."""

    def script(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(10)
        with suppress(OSError):
            while connection.recv(65536):
                pass

    return script


def drips(head: bytes, body: bytes, size: int = 1) -> Script:
    """Write the head, then the body in pieces of this size, each in a packet of its own."""

    def script(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head)
        for start in range(0, len(body), size):
            connection.sendall(body[start : start + size])

    return script


def endless(head: bytes, piece: bytes) -> Script:
    """Write the head, then the same piece until the client goes."""

    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(piece)

    return script


def silent(*parts: bytes) -> Script:
    """Write these parts, then nothing until the client goes."""

    def script(connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
        connection.settimeout(20)
        with suppress(OSError):
            connection.recv(1)

    return script


def compressed(data: bytes) -> bytes:
    """A response of one event stream in gzip."""
    return HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(data)


def compressed_begin(data: bytes) -> bytes:
    """A response of which this much can be decompressed, without its end."""
    packer = zlib.compressobj(wbits=31)
    return (
        HEAD
        + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + packer.compress(data)
        + packer.flush(zlib.Z_SYNC_FLUSH)
    )


class RawProvider:
    """Runs one script for each request; `requests` are the bytes that came, `open` the connections that are open."""

    def __init__(self, script: Script, *, keep_alive: bool, tls: bool) -> None:
        self._script = script
        self._tls = tls
        self._keep_alive = keep_alive
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        self.requests: list[bytes] = []
        self.connections = 0
        self._open = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def wait_until_free(self, timeout_s: float = 10.0) -> bool:
        """Whether all connections end."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout_s)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._changed:
                self._open += 1
                self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while (request := _read_request(connection, tls=self._tls)) is not None:
                self.requests.append(request)
                self._script(connection)
                if not self._keep_alive:
                    break
        with self._changed:
            self._open -= 1
            self._changed.notify_all()


def _read_request(connection: socket.socket, *, tls: bool) -> bytes | None:
    if tls:
        return connection.recv(65536)
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65536)
        if not data:
            return None
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    length = next((int(value) for name, _, value in lines if name.lower() == b"content-length"), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def scripted_socket(script: Script, *, keep_alive: bool = False, tls: bool = False) -> Iterator[RawProvider]:
    """A raw provider on loopback; with `tls` the script answers the begin of a handshake."""
    provider = RawProvider(script, keep_alive=keep_alive, tls=tls)
    try:
        yield provider
    finally:
        provider.close()
