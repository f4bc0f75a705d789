"""Frames on a socket: four bytes of length, then JSON. Both ends use this module."""

from __future__ import annotations

import socket
import struct

_LENGTH = struct.Struct(">I")
MAX_FRAME = 1 << 30


def send_frame(connection: socket.socket, payload: bytes) -> None:
    """Send one frame; raises `OSError` if the other end is gone."""
    connection.sendall(_LENGTH.pack(len(payload)) + payload)


def read_frame(connection: socket.socket) -> bytes | None:
    """The next frame; `None` at the end of the connection."""
    head = _read(connection, _LENGTH.size)
    if head is None:
        return None
    (length,) = _LENGTH.unpack(head)
    return _read(connection, length) if length <= MAX_FRAME else None


def _read(connection: socket.socket, length: int) -> bytes | None:
    buffer = bytearray()
    while len(buffer) < length:
        try:
            piece = connection.recv(min(length - len(buffer), 1 << 20))
        except OSError:
            return None
        if not piece:
            return None
        buffer += piece
    return bytes(buffer)
