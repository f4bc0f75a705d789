"""A program under a pseudo-terminal: what it shows, and keys that are typed."""

import os
import pty
import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIG_DFL, SIGINT, SIGKILL, SIGTERM, signal

PATIENCE_S = 60.0


class Terminal:
    """The controlling terminal of one program: Ctrl-C reaches all processes of its foreground group."""

    def __init__(self, descriptor: int, child: int) -> None:
        self._descriptor = descriptor
        self._child = child
        self.shown = b""
        self._waited_to = 0

    def read_until(self, wanted: bytes) -> None:
        """Read until these bytes are shown after those that were waited for before."""
        while (found := self.shown.find(wanted, self._waited_to)) < 0:
            assert self._more(), self.shown[-2000:]
        self._waited_to = found + len(wanted)

    def read_on(self, size: int) -> None:
        """Read until this many more bytes are shown."""
        start = len(self.shown)
        while len(self.shown) < start + size:
            assert self._more(), self.shown[-2000:]

    def type(self, keys: bytes) -> None:
        """Type these keys."""
        os.write(self._descriptor, keys)

    def terminate(self) -> None:
        """Ask the program to end, as a container's host does."""
        os.kill(self._child, SIGTERM)

    def end(self) -> int:
        """Read to the end of the program; returns its exit code."""
        while self._more():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])

    def _more(self) -> bool:
        """Whether more was shown before the program ended."""
        ready, _, _ = select.select([self._descriptor], [], [], PATIENCE_S)
        assert ready, self.shown[-2000:]
        try:
            piece = os.read(self._descriptor, 65536)
        except OSError:  # Linux reports the end of a terminal like this
            return False
        self.shown += piece
        return bool(piece)


@contextmanager
def in_terminal(command: Sequence[str], *, cwd: Path, **variables: str) -> Iterator[Terminal]:
    """The program in a terminal with colours, with these variables in its environment."""
    environment = {**os.environ, "TERM": "xterm-256color", **variables}
    environment.pop("NO_COLOR", None)
    child, ours = pty.fork()
    if child == 0:
        # A test run in the background of a shell ignores it, and programs inherit that.
        signal(SIGINT, SIG_DFL)
        os.chdir(cwd)
        os.execvpe(command[0], list(command), environment)
    try:
        yield Terminal(ours, child)
    finally:
        os.close(ours)
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, SIGKILL)
            os.waitpid(child, 0)
