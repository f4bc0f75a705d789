"""What every live panel has in common: it takes events, and paints at its own pace."""

import time
from collections.abc import Iterable, Iterator

from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.rendering.flush import FRAME_S


class LiveView:
    """A panel that follows a run.

    `take` applies one event and says whether it changed the picture; `paint` draws the picture as it stands. Painting
    is held back to once every `pace_s` seconds, because a redraw is paid for by the tokens that flow beside it.
    """

    pace_s = 0.25

    def __init__(self) -> None:
        self._stale = False
        self._painted_at = 0.0

    def take(self, entry: LogEntry) -> bool:
        raise NotImplementedError

    def paint(self) -> None:
        raise NotImplementedError

    def apply(self, batch: Iterable[LogEntry]) -> None:
        """Take a batch in, without painting."""
        for entry in batch:
            self._stale |= self.take(entry)

    @property
    def overdue_s(self) -> float:
        """How long ago the picture should have been painted; negative while there is nothing to do."""
        return time.monotonic() - self._painted_at - self.pace_s if self._stale else -1.0

    def paint_if_due(self) -> None:
        """Paint if something changed and it is time."""
        if self.overdue_s >= 0:
            self._paint_now()

    def finish(self) -> None:
        """Paint what was held back."""
        if self._stale:
            self._paint_now()

    def _paint_now(self) -> None:
        self.paint()
        self._stale, self._painted_at = False, time.monotonic()


def follow_with(run: Run, views: Iterable[LiveView]) -> Iterator[list[LogEntry]]:
    """The run's batches, each drawn by these views on its way."""
    return draw_batches(views, run.follow(frame_s=FRAME_S))


def draw_batches(views: Iterable[LiveView], batches: Iterable[list[LogEntry]]) -> Iterator[list[LogEntry]]:
    """These batches, each drawn by these views on its way."""
    views = list(views)
    for batch in batches:
        yield batch
        for view in views:
            view.apply(batch)
        for view in _whose_turn(views, batch):
            view.paint_if_due()
    for view in views:
        view.finish()


def _whose_turn(views: list[LiveView], batch: list[LogEntry]) -> list[LiveView]:
    """All panels, or only the one that has waited longest while tokens flow: no frame should carry them all."""
    flowing = any(entry.event.kind == "messages" for entry in batch)
    return [max(views, key=lambda view: view.overdue_s)] if flowing and views else views
