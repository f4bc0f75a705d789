"""What every live panel has in common: it takes events, and paints at its own pace."""

import time
from collections.abc import Iterable, Iterator

from streaming import Run, Stamped
from streaming.pacing import FRAME_S


class View:
    """A panel that follows a run.

    `take` applies one event and says whether it changed the picture; `paint` draws the picture as it stands. Painting
    is held back to once every `pace_s` seconds, because a redraw is paid for by the tokens that flow beside it.
    """

    pace_s = 0.25

    def __init__(self) -> None:
        self._stale = False
        self._painted_at = 0.0

    def take(self, stamped: Stamped) -> bool:
        raise NotImplementedError

    def paint(self) -> None:
        raise NotImplementedError

    def draw(self, batch: Iterable[Stamped]) -> None:
        """Apply a batch, and paint if something changed and it is time."""
        for stamped in batch:
            self._stale |= self.take(stamped)
        now = time.monotonic()
        if self._stale and now - self._painted_at >= self.pace_s:
            self._paint_now(now)

    def finish(self) -> None:
        """Paint what was held back."""
        if self._stale:
            self._paint_now(time.monotonic())

    def _paint_now(self, now: float) -> None:
        self.paint()
        self._stale, self._painted_at = False, now


def batches_through(run: Run, views: Iterable[View]) -> Iterator[list[Stamped]]:
    """The run's batches, each drawn by these views on its way."""
    views = list(views)
    for batch in run.follow(frame_s=FRAME_S):
        yield batch
        for view in views:
            view.draw(batch)
    for view in views:
        view.finish()


def show(run: Run | None, *views: View) -> None:
    """Follow the run with these views until it has ended; without a run they stay as they are, empty."""
    if run is not None:
        for _ in batches_through(run, views):
            pass
