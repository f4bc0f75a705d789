"""Server processes of a benchmark: started on a free port, ready when they answer, with the CPU time they used."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
START_S = 90.0
STOP_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: its URL, and the number of its process."""

    url: str
    pid: int

    def cpu_s(self) -> float | None:
        """CPU seconds of the process and its descendants so far; `None` where the system does not tell."""
        try:
            return sum(map(_cpu_s, _family(self.pid)))
        except FileNotFoundError:
            return None


@contextmanager
def serving(
    command: Sequence[str], *, port: int, folder: Path, environment: Mapping[str, str], health: str = "/"
) -> Iterator[Server]:
    """Start a server, wait until `health` answers, and stop it with its descendants; its log is in `folder`."""
    log = folder / f"{port}.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STREAMING_LAB_")}
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), **environment},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            server = Server(url=f"http://127.0.0.1:{port}", pid=process.pid)
            _wait(process, server.url + health, log)
            yield server
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=2, follow_redirects=True).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the server did not become ready at {url}:\n{log.read_text()[-2000:]}")


def _family(pid: int) -> list[int]:
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    return [pid, *(member for child in children for member in _family(child))]


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # utime and stime are fields 14 and 15 of proc(5); 11 and 12 after the name.
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
