"""Notices when an event loop stands still: synchronous work on it makes every run and every visitor wait."""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress

LONGEST_S = 0.1
"""The longest time for which a loop may not answer."""

_PAUSE_S = 0.25
_WAITING = ("selectors.py", "base_events.py", "loop_lag.py")
"""Where the thread of a loop is that does no work: it waits, or rests for other threads."""
_log = logging.getLogger(__name__)


class LoopWatchdog:
    """Asks a loop again and again for a sign of life, from a thread of its own, until it is stopped.

    To be made on the loop's own thread. `on_stall` gets one text for each stall: the stack of the loop's thread at that
    time, with files and lines and without values. A loop that waits for the interpreter or for input is not reported.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        name: str,
        longest_s: float = LONGEST_S,
        on_stall: Callable[[str], None] | None = None,
    ) -> None:
        self._loop = loop
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
            if not alive.wait(self._longest_s) and not self._stopped.is_set() and (stack := self._stack()):
                self._on_stall(stack)
                while not alive.wait(self._longest_s) and not self._stopped.is_set():
                    pass

    def _stack(self) -> str:
        """The stack of the loop's thread; empty if the loop itself has the turn."""
        frame = sys._current_frames().get(self._watched)
        if frame is None or frame.f_code.co_filename.endswith(_WAITING):
            return ""
        with suppress(RuntimeError):
            return "".join(traceback.format_stack(frame, limit=12))
        return ""

    def _report(self, stack: str) -> None:
        _log.warning("the event loop “%s” stood still for over %.0f ms:\n%s", self._name, self._longest_s * 1e3, stack)
