"""Where the code of a node makes the event loop stand still: another thread looks at that of the loop meanwhile.

Reading code finds the calls that are known to block; this finds the rest, such as computations, sockets and futures.
"""

from __future__ import annotations

import asyncio
import linecache
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from .code_objects import in_library

TICK_S = 0.02
STALLED_S = 0.1
"""From when on a wait counts: a healthy node may compute for a moment."""

_SEEN = 3
"""How often the same call must be seen: a busy machine keeps any code waiting once."""
_HERE = (os.path.dirname(os.path.abspath(__file__)),)

Place = tuple[str, int]


class StallWatch:
    """Collects the stalls of a loop while calls are watched; to be made on the loop's own thread.

    `owners` gives the path of a node by the file and the first line of a function. What is below `ignored` is not the
    author's code.
    """

    def __init__(self, owners: Callable[[], Mapping[Place, str]], *, ignored: tuple[str, ...] = _HERE) -> None:
        self._owners = owners
        self._ignored = ignored
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._calls = 0
        self._stopped = threading.Event()
        self._found: dict[Place, dict[str, Any]] = {}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch the loop as long as one of these is open."""
        self._calls += 1
        if self._calls == 1:
            self._stopped = threading.Event()
            threading.Thread(target=self._watch, args=(self._stopped,), daemon=True).start()
        try:
            yield
        finally:
            self._calls -= 1
            if not self._calls:
                self._stopped.set()

    def found(self) -> list[dict[str, Any]]:
        """The longest stall of each line so far: `{"file", "line", "text", "node", "seconds"}`; `node` may be empty."""
        stalls = list(self._found.values())
        owners = self._owners() if stalls else {}
        return [
            {
                **{name: stall[name] for name in ("file", "line", "seconds")},
                "text": linecache.getline(stall["file"], stall["line"]).strip()[:120],
                "node": next((owners[one] for one in stall["functions"] if one in owners), ""),
            }
            for stall in stalls
        ]

    def _watch(self, stopped: threading.Event) -> None:
        alive, asked_at, seen, last = threading.Event(), 0.0, 0, None
        alive.set()
        while not stopped.wait(TICK_S):
            now = time.monotonic()
            if alive.is_set():
                alive, asked_at, seen, last = threading.Event(), now, 0, None
                try:
                    self._loop.call_soon_threadsafe(alive.set)
                except RuntimeError:  # the loop is closed
                    return
                continue
            call, stall = self._look()
            seen = seen + 1 if call == last else 1
            last = call
            if stall is not None and seen >= _SEEN and now - asked_at >= STALLED_S:
                self._record(stall, now - asked_at)

    def _record(self, stall: dict[str, Any], seconds: float) -> None:
        kept = self._found.setdefault((stall["file"], stall["line"]), {**stall, "seconds": 0.0})
        kept["seconds"] = max(kept["seconds"], round(seconds, 3))

    def _look(self) -> tuple[tuple[int, CodeType] | None, dict[str, Any] | None]:
        """The author's innermost call in the loop's thread, and where it stands; nothing while a module is imported."""
        frame = sys._current_frames().get(self._thread)
        call: tuple[int, CodeType] | None = None
        stall: dict[str, Any] | None = None
        while frame is not None:
            if "importlib._bootstrap" in frame.f_code.co_filename:
                return None, None
            if self._is_authors(frame):
                if stall is None:
                    call = (id(frame), frame.f_code)
                    stall = {"file": frame.f_code.co_filename, "line": frame.f_lineno, "functions": []}
                # The outermost comes first: it is the node, and the others are what it calls.
                stall["functions"].insert(0, (frame.f_code.co_filename, frame.f_code.co_firstlineno))
            frame = frame.f_back
        return call, stall

    def _is_authors(self, frame: FrameType) -> bool:
        return not in_library(frame.f_code) and not frame.f_code.co_filename.startswith(self._ignored)
