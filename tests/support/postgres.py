"""A PostgreSQL server of the system's package, for the tests that want one."""

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.app_server import free_port


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of the system's package, on a socket of its own."""
    initdb, server = shutil.which("initdb"), shutil.which("postgres")
    if initdb is None or server is None:
        pytest.skip("PostgreSQL is not installed here (no initdb on the path)")
    # Not pytest's folder: the user that PostgreSQL runs as may not look into it.
    folder, port = Path(tempfile.mkdtemp()), free_port()
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    as_user = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    shutil.chown(folder, user)
    subprocess.run(
        [*as_user, initdb, "-D", f"{folder}/db", "-A", "trust", "-U", "lab"], check=True, capture_output=True
    )
    command = [*as_user, server, "-D", f"{folder}/db", "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"postgresql://lab@127.0.0.1:{port}/postgres"
        _wait_until_up(url)
        yield url
    finally:
        running.terminate()
        running.wait(timeout=15)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a new database of that server, which is deleted at the end."""
    name = f"test_{secrets.token_hex(4)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield f"{server_url.rpartition('/')[0]}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def forwarded(url: str) -> Iterator["Forwarder"]:
    """A way to that server which can be cut."""
    parts = urlsplit(url)
    assert parts.port is not None
    forwarder = Forwarder(parts.port)
    forwarder.url = f"postgresql://lab@127.0.0.1:{forwarder.port}{parts.path}"
    try:
        yield forwarder
    finally:
        forwarder.cut()


class Forwarder:
    """A TCP forwarder on loopback: a network that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self.url = ""
        self.port = free_port()
        self._to = port
        self._lines: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        """Let connections through, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """End all connections, and take no new ones."""
        if self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        while self._lines:
            with self._lines.pop() as line, suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._lines += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def _wait_until_up(url: str) -> None:
    """Its socket exists before it takes connections."""
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "PostgreSQL did not start"
            time.sleep(0.05)
