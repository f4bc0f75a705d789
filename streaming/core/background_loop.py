"""An event loop in a separate thread; closing it cancels everything that runs on it."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from streaming.core.loop_watchdog import LoopWatchdog

CLOSE_S = 5.0
"""How long `close` waits for the thread: synchronous code in the loop's pool cannot be interrupted."""

_T = TypeVar("_T")


class BackgroundLoop:
    """An event loop in a thread that starts immediately; `loop` is for callers that need the event loop itself.

    A `watched` loop logs what makes it stand still. Work that calls `sys.exit` ends itself, and not the loop.
    """

    def __init__(self, name: str, *, watched: bool = False) -> None:
        self._name = name
        self._watched = watched
        # With a factory, the runner does not change the event loop of the caller's thread.
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
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
