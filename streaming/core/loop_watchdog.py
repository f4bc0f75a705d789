"""Notices when an event loop stands still: synchronous work on it makes every run and every visitor wait."""

import asyncio
import logging
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from streaming.core.thread_frames import frame_of

LONGEST_S = 0.1
"""The longest time for which a loop may not answer."""

_PAUSE_S = 0.05
SAME_AFTER_S = 60.0
"""A stall in the same functions is told again after this time, with the number of those between."""
ANY_AFTER_S = 10.0
"""The shortest time between two reports: on a machine without time, a loop stands still wherever it is."""
_MOST_KNOWN = 100
_WAITING = ("selectors.py", "base_events.py", "loop_lag.py")
"""Where the thread of a loop is that does no work: it waits, or rests for other threads."""
_log = logging.getLogger(__name__)


_Functions = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Told:
    """When a stall was reported, and how many in the same functions were not since."""

    at: float
    since: int = 0


class LoopWatchdog:
    """Asks a loop again and again for a sign of life, from a thread of its own, until it is stopped.

    To be made on the loop's own thread. `on_stall` gets the stack of the loop's thread at the time of a stall, with
    files and lines and without values; stalls in the same functions are told once in `SAME_AFTER_S`. One that lasts is
    told again when it has lasted for `ANY_AFTER_S`, and whenever that has doubled. A loop that waits for the
    interpreter or for input is not reported.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        name: str,
        longest_s: float = LONGEST_S,
        on_stall: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._clock = clock
        self._told: dict[_Functions, _Told] = {}
        self._told_at = float("-inf")
        self._name = name
        self._longest_s = longest_s
        self._on_stall = on_stall or self._report
        self._watched = threading.get_ident()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"watchdog of {name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a second call does nothing."""
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=1)

    def _watch(self) -> None:
        while not self._stopped.wait(_PAUSE_S):
            alive = threading.Event()
            try:
                self._loop.call_soon_threadsafe(alive.set)
            except RuntimeError:  # the loop is closed
                return
            if not alive.wait(self._longest_s) and not self._stopped.is_set():
                self._tell(self._stack())
                self._watch_stall(alive)

    def _watch_stall(self, alive: threading.Event) -> None:
        """Wait for the end of this stall, and tell again that it lasts."""
        began, told_after = self._clock(), ANY_AFTER_S
        while not alive.wait(self._longest_s) and not self._stopped.is_set():
            lasts = self._clock() - began
            if lasts >= told_after and (stack := self._stack()) is not None:
                told_after = 2 * lasts
                self._on_stall("".join([*stack.format(), f"it has lasted for {lasts:.0f} s\n"]))

    def _stack(self) -> traceback.StackSummary | None:
        """The stack of the loop's thread; `None` if the loop itself has the turn."""
        frame = frame_of(self._watched)
        if frame is None or frame.f_code.co_filename.endswith(_WAITING):
            return None
        with suppress(RuntimeError):
            return traceback.extract_stack(frame, limit=12)
        return None

    def _tell(self, stack: traceback.StackSummary | None) -> None:
        """Report this stall, unless one in the same functions was reported a moment ago."""
        if stack is None:
            return
        functions = tuple((frame.filename, frame.name) for frame in stack)
        told, now = self._told.get(functions), self._clock()
        if told is not None and now - told.at < SAME_AFTER_S:
            told.since += 1
            return
        if now - self._told_at < ANY_AFTER_S:
            return
        more = f"{told.since} more stalls here since the last line\n" if told is not None and told.since else ""
        if len(self._told) >= _MOST_KNOWN:
            self._told.clear()
        self._told[functions], self._told_at = _Told(at=now), now
        self._on_stall("".join([*stack.format(), more]))

    def _report(self, stack: str) -> None:
        # One line: a newcomer takes a stack for an error.
        lines = stack.splitlines()
        where = [line.strip() for line in lines if line.lstrip().startswith("File ")][-1:]
        notes = [f" ({line})" for line in lines if line[:1].isalnum()]
        ms = self._longest_s * 1e3
        _log.warning("the event loop “%s” stood still for over %.0f ms: %s", self._name, ms, "".join(where + notes))
        _log.debug("its stack:\n%s", stack)
