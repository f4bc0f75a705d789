"""The app as a user starts it: a server process of its own, for browser tests and benchmarks."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import httpx

from streaming.config.settings import DATA_DIR
from streaming.providers.catalogue import KEY_ENV

ROOT = Path(__file__).parents[2]
START_S = 60.0


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def running_app(
    log: Path,
    *,
    script: str = "app.py",
    health: str = "/healthz",
    killed: bool = False,
    port: int | None = None,
    graph: str = "",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[str]:
    """The URL of a fresh server, ready to take a run; it is stopped as a user stops it, or `killed`.

    A `graph` is brought as a developer brings one. A `port` is for a server that takes the place of an earlier one,
    `settings` are further variables of the environment.
    Servers whose logs are in one folder share their data, which is beside the logs; no key of this machine is known.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "streamlit", "run", script]
    personal = {"DATABASE_URL", *KEY_ENV.values()}
    environment = {name: value for name, value in os.environ.items() if name not in personal} | {
        "STREAMLIT_SERVER_PORT": str(port),
        "STREAMLIT_SERVER_HEADLESS": "true",
        DATA_DIR: str(log.parent / "data"),
        "STREAMING_LAB_GRAPH": graph,
        **settings,
    }
    url = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait_until_healthy(server, url + health, log)
            yield url
            if server.poll() is not None:
                raise RuntimeError(f"the server ended with code {server.returncode}:\n{log.read_text()[-2000:]}")
        finally:
            (server.kill if killed else server.terminate)()
            try:
                server.wait(timeout=15)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_healthy(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    # One client for all attempts: each new one reads the certificates, at the expense of the server that starts.
    with httpx.Client(timeout=1) as client:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise RuntimeError(f"the server ended with code {server.returncode}:\n{log.read_text()[-2000:]}")
            try:
                if client.get(url).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
    raise RuntimeError(f"the server was not ready within {START_S:.0f} s:\n{log.read_text()[-2000:]}")
