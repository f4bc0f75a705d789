"""One process of a graph: its start, its calls over a loopback socket, its last words and its end."""

import hmac
import json
import os
import secrets
import signal
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from streaming.own_graphs.sources import Source
from streaming.own_graphs.worker.codec import dumps, loads
from streaming.own_graphs.worker.framing import read_frame, send_frame
from streaming.providers.key_forms import forms_of
from streaming.providers.redaction import redact

LOAD_S = 120.0
"""How long a graph may take to load: some import large libraries."""
RETIRED_S = 30.0
"""How long after its last call a process ends that another one has replaced: a run has several calls."""
_WORKER = Path(__file__).parent / "worker" / "main.py"
_LAST_LINES = 8

Frame = Mapping[str, Any]


class Connection:
    """Starts the process and routes its frames; `ready` is set when it has loaded, could not, or has ended.

    `threads` are the ids of the threads that runs have had in this process, and `typed` the secrets that they got.
    `imported` are the files of the project that it has imported, with when each had been written, and `sought` the
    folders and names where its imports have looked for modules, as `project_files` reads them.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.ready = threading.Event()
        self.description: Mapping[str, Any] | None = None
        self.trouble = ""
        self.threads: set[str] = set()
        self.typed: set[str] = set()
        self.imported: Mapping[str, int | None] = {}
        self.sought: set[tuple[str, str]] = set()
        self.killed = False
        self._retired = False
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._lock = threading.Lock()
        self._listeners: dict[int, Callable[[Frame], None]] = {}
        self._last_call = 0
        self._ended = False
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        threading.Thread(target=self._run, name=f"{source.name}", daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the process is gone, or about to be."""
        return self._ended or self.killed

    @property
    def _secrets(self) -> tuple[str, ...]:
        return (*self.source.secrets, *self.typed)

    @property
    def busy(self) -> bool:
        """Whether a call is open."""
        return bool(self._listeners)

    def open_call(self, name: str, listener: Callable[[Frame], None], **fields: Any) -> int:
        """Send a call; every frame of its answer goes to the listener, on the reader's thread."""
        with self._lock:
            self._last_call += 1
            number = self._last_call
            self._listeners[number] = listener
        self.send(name, number, **fields)
        return number

    def send(self, name: str, number: int, **fields: Any) -> None:
        """Send a call, or a word about an open one."""
        payload = dumps({"call": name, "id": number, **fields})
        with self._lock:
            gone = self._ended or self._socket is None
            if not gone:
                assert self._socket is not None
                with suppress(OSError):  # the reader notices that the process is gone
                    send_frame(self._socket, payload)
        if gone and (listener := self._listeners.pop(number, None)):
            listener({"kind": "crash", "text": self.epitaph()})

    def forget_call(self, number: int) -> None:
        """Route nothing more to this call."""
        self._listeners.pop(number, None)

    def kill(self) -> None:
        """End the process at once, with those that it has started."""
        self.killed = True
        if self._process is not None and self._process.poll() is None:
            _kill(self._process)

    def retire(self) -> None:
        """End the process when no run is in it any more; at once if no call is open."""
        self._retired = True
        if not self.busy:
            self.kill()

    def epitaph(self) -> str:
        """How the process ended, with its last lines, without keys."""
        if self.killed:
            return "The process of the graph was ended."
        code = self._process.poll() if self._process else None
        said = redact("\n".join(self._lines), self._secrets, max_chars=500).replace("\n", " | ")
        return f"The process of the graph ended {_how(code)}." + (f" It wrote last: {said}" if said else "")

    def _doubt_of_interpreter(self) -> str:
        """A sentence about a program that neither connected nor wrote a word, which Python does when it fails."""
        if self._socket is not None or self._lines or self.killed:
            return ""
        doubt = f" {self.source.interpreter} seems to be no Python: name the one of the graph's environment."
        return f"{doubt} {self.source.why_interpreter}".rstrip()

    def _run(self) -> None:
        try:
            self._serve()
        except Exception as error:  # noqa: BLE001 - a thread without a caller: the trouble is its report
            self.trouble = self.trouble or f"The process of the graph did not start ({error})."
        with self._lock:
            self._ended = True
            open_calls, self._listeners = dict(self._listeners), {}
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                _kill(self._process)
                self._process.wait()
        if self._socket is not None:
            self._socket.close()
        if self.description is None and not self.trouble:
            self.trouble = self.epitaph() + self._doubt_of_interpreter()
        self.ready.set()
        for listener in open_calls.values():
            listener({"kind": "crash", "text": self.epitaph()})

    def _serve(self) -> None:
        source, secret = self.source, secrets.token_hex(32)
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._process = subprocess.Popen(  # noqa: S603 - the operator's setting names what is started
                [source.interpreter, "-X", "utf8", str(_WORKER)],
                cwd=source.folder,
                env={**source.environment, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal is for this program, which stops the run and keeps what has arrived.
                start_new_session=True,
            )
            if self.killed:  # before there was a process
                _kill(self._process)
            order = {
                "port": server.getsockname()[1],
                "secret": secret,
                "target": source.target,
                "attribute": source.attribute,
                "folder": str(source.folder),
                "paths": list(source.paths),
            }
            reader = threading.Thread(target=self._read_output, args=(self._process,), daemon=True)
            reader.start()
            threading.Thread(target=_kill_what_outlives, args=(self._process,), daemon=True).start()
            assert self._process.stdin is not None
            # It may have ended before.
            with suppress(BrokenPipeError), self._process.stdin as stdin:
                stdin.write(json.dumps(order).encode() + b"\n")
            connection = self._accept(server, secret)
        if connection is None:
            reader.join(1)
            return
        self._socket = connection
        while (payload := read_frame(connection)) is not None:
            self._route(loads(payload))
        reader.join(1)

    def _accept(self, server: socket.socket, secret: str) -> socket.socket | None:
        """The connection of the process; `None` if it ends before."""
        assert self._process is not None
        server.settimeout(0.2)
        deadline = time.monotonic() + LOAD_S
        while self._process.poll() is None and time.monotonic() < deadline:
            with suppress(TimeoutError):
                connection, _ = server.accept()
                connection.settimeout(5)
                if hmac.compare_digest(read_frame(connection) or b"", secret.encode()):
                    connection.settimeout(None)
                    return connection
                connection.close()
        return None

    def _route(self, frame: Frame) -> None:
        if frame["id"] == 0 and frame["kind"] == "leftovers":
            # Code that was stopped computes on, and slows what comes: the next call starts a new process.
            if not self.busy:
                self.kill()
            return
        if frame["id"] == 0 and frame["kind"] == "imported":
            self.imported = {**self.imported, frame["file"]: frame["written"]}
            return
        if frame["id"] == 0 and frame["kind"] == "sought":
            self.sought |= {(str(folder), str(name)) for folder, name in frame["modules"]}
            return
        if frame["id"] == 0:
            self.description = frame.get("description")
            said = str(frame.get("text") or "")
            # The sentence on a package that is missing ends with a command.
            why = self.source.why_interpreter if frame["kind"] == "environment" else ""
            self.trouble = redact(f"{why} {said}".strip(), self.source.secrets, max_chars=800)
            self.ready.set()
            return
        if frame["kind"] == "part":
            listener = self._listeners.get(frame["id"])
        else:
            listener = self._listeners.pop(frame["id"], None)
            if self._retired and not self.busy:
                # The run of this call may have another one at once.
                self._end_later()
        if listener is not None:
            listener(frame)

    def _end_later(self) -> None:
        def end() -> None:
            if not self.busy:
                self.kill()

        timer = threading.Timer(RETIRED_S, end)
        timer.daemon = True
        timer.start()

    def _read_output(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            goes_on = False
            while line := output.readline(4000):
                text, is_rest, goes_on = line.decode(errors="replace"), goes_on, not line.endswith(b"\n")
                if goes_on and len(line) == 4000:
                    # The cut may go through a key.
                    text = text[: len(text) - max(map(len, forms_of(self._secrets)), default=0)]
                if text.strip() and not is_rest:
                    self._lines.append(text.strip())


def _how(code: int | None) -> str:
    """How a process ended: with a code, or by a signal such as that of a memory error in a library."""
    if code is None or code >= 0:
        return f"with exit code {code}"
    try:
        return f"by {signal.Signals(-code).name}"
    except ValueError:
        return f"by signal {-code}"


def _kill_what_outlives(process: subprocess.Popen[bytes]) -> None:
    """End its children when it has ended: one that was forked keeps the connection open, and nobody would notice."""
    process.wait()
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process with its children, such as servers of tools."""
    with suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
