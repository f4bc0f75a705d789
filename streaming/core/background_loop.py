"""An event loop in a separate thread; closing it cancels everything that runs on it."""

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple

from streaming.core.loop_watchdog import LoopWatchdog

if sys.platform == "win32":
    _DefaultLoop = asyncio.ProactorEventLoop
else:
    _DefaultLoop = asyncio.SelectorEventLoop

SWITCH_S = 0.0005
"""How long a thread waits for the interpreter while another one computes.

The default of 5 ms is meant for threads that compute. Here one computes, and the server's has many short turns: after
each text that it sends to a browser it waits for the next one.
"""

CLOSE_S = 5.0
"""How long `close` waits for the thread: synchronous code in the loop's pool cannot be interrupted."""

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class QuietLoop(_DefaultLoop):
    """An event loop that wakes nobody when it calls itself.

    LangGraph calls `call_soon_threadsafe` on the loop's own thread, for each chunk of a message. To wake a loop is a
    system call, for which the thread lets go of the interpreter: too short for another thread to take it, which begins
    to wait anew each time, so that under load the server's thread would wait for seconds.
    """

    def call_soon_threadsafe(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As in asyncio; on the loop's own thread it is `call_soon`."""
        if self._is_current():
            return self.call_soon(callback, *args, context=context)
        return super().call_soon_threadsafe(callback, *args, context=context)

    def _is_current(self) -> bool:
        try:
            return asyncio.get_running_loop() is self
        except RuntimeError:
            return False


class BackgroundLoop:
    """An event loop in a thread that starts immediately; `loop` is for callers that need the event loop itself.

    A `watched` loop logs what makes it stand still. Work that calls `sys.exit` ends itself, and not the loop.
    """

    def __init__(self, name: str, *, watched: bool = False) -> None:
        sys.setswitchinterval(SWITCH_S)
        self._name = name
        self._watched = watched
        # With a factory, the runner does not change the event loop of the caller's thread.
        self._runner = asyncio.Runner(loop_factory=QuietLoop)
        self.loop = self._runner.get_loop()
        self._closing = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether the loop has ended, so that nothing can be submitted."""
        return self.loop.is_closed()

    def submit(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Run a coroutine on the loop; raises `RuntimeError` if it is closed."""
        try:
            return asyncio.run_coroutine_threadsafe(work, self.loop)
        except RuntimeError:
            work.close()
            raise

    def close(self) -> None:
        """Cancel all tasks, close the loop and end the thread; a second call does nothing."""
        if not self.closed:
            self.loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(timeout=CLOSE_S)

    def _run(self) -> None:
        with self._runner:
            watchdog = LoopWatchdog(self.loop, name=self._name) if self._watched else None
            while not self._closing.is_set():
                # asyncio lets these two through to whoever runs the loop, here to nobody.
                with suppress(SystemExit, KeyboardInterrupt):
                    self._runner.run(self._closing.wait())
            if watchdog is not None:
                watchdog.stop()
