"""A PostgreSQL server of the system's package, for the tests that want one."""

import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.server import free_port


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
        _wait_until_up(folder, port)
        yield f"postgresql://lab@127.0.0.1:{port}/postgres"
    finally:
        running.terminate()
        running.wait(timeout=15)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_up(folder: Path, port: int) -> None:
    deadline = time.monotonic() + 20
    while not (folder / f".s.PGSQL.{port}").exists():
        assert time.monotonic() < deadline, "PostgreSQL did not start"
        time.sleep(0.05)
