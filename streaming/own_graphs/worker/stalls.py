"""Where the code of a node makes the event loop stand still: another thread looks at that of the loop meanwhile.

Reading code finds the calls that are known to block; this finds the rest, such as computations, sockets and futures.
"""

from __future__ import annotations

import asyncio
import linecache
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from .code_objects import in_library
from .thread_frames import frame_of

TICK_S = 0.02
STALLED_S = 0.1
"""From when on a wait counts: a healthy node may compute for a moment."""

_SEEN = 3
"""How often the same call must be seen: a busy machine keeps any code waiting once."""
_HERE = (os.path.dirname(os.path.abspath(__file__)),)

MOST_LINES = 20
"""How many lines are told of one call."""

Place = tuple[str, int]
Lines = dict[Place, dict[str, Any]]
Call = tuple[int, CodeType]


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
        self._open: list[Lines] = []
        self._stopped = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[Lines]:
        """Watch the loop as long as one of these is open; what stands still meanwhile is added to the lines."""
        lines: Lines = {}
        self._open.append(lines)
        if len(self._open) == 1:
            self._stopped = threading.Event()
            threading.Thread(target=self._watch, args=(self._stopped,), daemon=True).start()
        try:
            yield lines
        finally:
            self._open = [one for one in self._open if one is not lines]
            if not self._open:
                self._stopped.set()

    def told(self, lines: Lines) -> list[dict[str, Any]]:
        """The lines as plain values, those first that took longest.

        `{"file", "line", "text", "node", "seconds", "longest_s"}`: `node` may be empty, `seconds` is the time at this
        line, `longest_s` the longest stall in which it was seen.
        """
        stalls = sorted(lines.values(), key=lambda stall: -stall["seconds"])[:MOST_LINES]
        owners = self._owners() if stalls else {}
        return [
            {
                **{name: stall[name] for name in ("file", "line")},
                **{name: round(stall[name], 3) for name in ("seconds", "longest_s")},
                "text": linecache.getline(stall["file"], stall["line"]).strip()[:120],
                "node": next((owners[one] for one in stall["functions"] if one in owners), ""),
            }
            for stall in stalls
        ]

    def _watch(self, stopped: threading.Event) -> None:
        wait: _Wait | None = None
        while not stopped.wait(TICK_S):
            now = time.monotonic()
            if wait is not None and not wait.alive.is_set():
                for stall, seconds in wait.look(now, *self._look()):
                    self._record(stall, seconds, now - wait.began)
                continue
            wait = _Wait(now)
            try:
                self._loop.call_soon_threadsafe(wait.alive.set)
            except RuntimeError:  # the loop is closed
                return

    def _record(self, stall: Mapping[str, Any], seconds: float, so_far_s: float) -> None:
        for lines in self._open:
            kept = lines.setdefault((stall["file"], stall["line"]), {**stall, "seconds": 0.0, "longest_s": 0.0})
            kept["seconds"] += seconds
            kept["longest_s"] = max(kept["longest_s"], so_far_s)

    def _look(self) -> tuple[Call | None, dict[str, Any] | None]:
        """The author's innermost call in the loop's thread, and where it stands; nothing while a module is imported."""
        frame = frame_of(self._thread)
        call: Call | None = None
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


class _Wait:
    """One wait for the loop to give a sign: since when, and at which lines its thread was seen for how long."""

    def __init__(self, now: float) -> None:
        self.alive = threading.Event()
        self.began = self._looked = now
        self._call: Call | None = None
        self._seen = 0
        self._maybe: Lines = {}
        self._sure: Lines = {}

    def look(
        self, now: float, call: Call | None, stall: dict[str, Any] | None
    ) -> Iterator[tuple[dict[str, Any], float]]:
        """Add the time since the last look to the line where the loop stands; gives what counts by now, once."""
        passed, self._looked = now - self._looked, now
        if call != self._call:
            self._call, self._seen, self._maybe = call, 0, {}
        if stall is None:
            return
        self._seen += 1
        _add(self._maybe, stall, passed)
        if self._seen >= _SEEN:
            for line in self._maybe.values():
                _add(self._sure, line, line["seconds"])
            self._maybe = {}
        if now - self.began >= STALLED_S:
            told, self._sure = self._sure, {}
            yield from ((line, line["seconds"]) for line in told.values())


def _add(lines: Lines, stall: Mapping[str, Any], seconds: float) -> None:
    kept = lines.setdefault((stall["file"], stall["line"]), {**stall, "seconds": 0.0})
    kept["seconds"] += seconds
