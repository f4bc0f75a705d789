"""`st.write_stream` beside other lanes: it waits for each piece of its text, so it has a thread of its own."""

from queue import SimpleQueue
from threading import Thread

from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

from components.live.tokens import TokenPane
from streaming.core.events import Ended, LogEntry

_LAST_PIECES_S = 10.0
"""Longest wait, at the end of a run, for what the thread still has to draw."""


class ThreadedPane:
    """A token pane that draws in a thread what it is fed."""

    def __init__(self, pane: TokenPane) -> None:
        self._pane = pane
        self._batches: SimpleQueue[list[LogEntry] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def feed(self, batch: list[LogEntry]) -> None:
        """Pass a batch on; the last one of a run returns when everything is drawn."""
        if self._thread is None:
            self._thread = Thread(target=self._draw, name="st.write_stream", daemon=True)
            add_script_run_ctx(self._thread, get_script_run_ctx())
            self._thread.start()
        if batch:
            self._batches.put(batch)
        if batch and isinstance(batch[-1].event, Ended):
            self.close()

    def close(self) -> None:
        """Draw nothing after what was fed."""
        if self._thread is not None:
            self._batches.put(None)
            self._thread.join(_LAST_PIECES_S)

    def _draw(self) -> None:
        self._pane.consume(iter(self._batches.get, None))
