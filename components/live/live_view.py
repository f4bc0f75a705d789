"""The base of every live panel: it takes events and paints at its own interval."""

import time
from collections.abc import Callable, Iterable, Iterator

from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.rendering.flush import FRAME_S


class LiveView:
    """A panel that follows a run.

    It is painted every `pace_s` seconds at most, because a redraw delays the tokens that stream beside it. `clock`
    returns seconds.
    """

    pace_s = 0.25
    clock: Callable[[], float] = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self._stale = False
        self._painted_at = 0.0

    def take(self, entry: LogEntry) -> bool:
        """Apply one event, and return whether the picture changed."""
        raise NotImplementedError

    def paint(self) -> None:
        """Draw the current picture."""
        raise NotImplementedError

    def apply(self, batch: Iterable[LogEntry]) -> None:
        """Apply a batch without painting."""
        for entry in batch:
            self._stale |= self.take(entry)

    @property
    def overdue_s(self) -> float:
        """Seconds since the picture should have been painted; negative if it need not be painted yet."""
        return self.clock() - self._painted_at - self.pace_s if self._stale else -1.0

    def paint_if_due(self) -> None:
        """Paint if the picture changed and `pace_s` has passed."""
        if self.overdue_s >= 0:
            self._paint_now()

    def finish(self) -> None:
        """Paint changes that are not on screen yet."""
        if self._stale:
            self._paint_now()

    def _paint_now(self) -> None:
        self.paint()
        self._stale, self._painted_at = False, self.clock()


def follow_with(run: Run, views: Iterable[LiveView]) -> Iterator[list[LogEntry]]:
    """Follow the run, and draw its batches in these views; see `draw_batches`."""
    return draw_batches(views, run.follow(frame_s=FRAME_S))


def draw_batches(views: Iterable[LiveView], batches: Iterable[list[LogEntry]]) -> Iterator[list[LogEntry]]:
    """Yield each batch, and draw it in these views after the caller has drawn it; pending changes are drawn at the end.

    The caller must exhaust the iterator, or the views miss the last batch.
    """
    views = list(views)
    for batch in batches:
        yield batch
        for view in views:
            view.apply(batch)
        for view in _next_to_paint(views, batch):
            view.paint_if_due()
    for view in views:
        view.finish()


def _next_to_paint(views: list[LiveView], batch: list[LogEntry]) -> list[LiveView]:
    """All panels, or only the most overdue one while tokens stream: one frame should not carry them all."""
    streaming = any(entry.event.kind == "messages" for entry in batch)
    return [max(views, key=lambda view: view.overdue_s)] if streaming and views else views
