"""A progress bar with a status line and timestamped steps."""

from streamlit.delta_generator import DeltaGenerator

from components.modes import mode_badge
from components.text import plain, seconds
from components.view import View
from streaming import Stamped
from streaming.projections import Progress, Step


class ProgressPanel(View):
    """The bar stands from the start and moves; each step is written once below it."""

    pace_s = 0.05

    def __init__(self, parent: DeltaGenerator, *, steps_height: int | None = None) -> None:
        super().__init__()
        self._bar = parent.empty()
        self._steps = parent.container(height=steps_height or "content", border=False, autoscroll=True, gap="xsmall")
        self._progress = Progress()
        self._drawn = 0
        self._bar.progress(0.0, text="No progress reported yet")

    def take(self, stamped: Stamped) -> bool:
        self._progress.apply(stamped)
        return stamped.event.kind == "custom"

    def paint(self) -> None:
        status = plain(self._progress.status or "")
        if self._progress.fraction is not None:
            self._bar.progress(self._progress.fraction, text=f"{self._progress.fraction:.0%} · {status}")
        for step in self._progress.steps[self._drawn :]:
            self._steps.markdown(_line(step))
        self._drawn = len(self._progress.steps)


def _line(step: Step) -> str:
    count = f" {step.done}/{step.total}" if step.done is not None and step.total else ""
    at = f" · {plain(step.at[11:23])} UTC" if step.at else ""
    what = plain(step.status) if step.status else f"`{plain(step.data)}`"
    return f"{mode_badge('custom')} **{plain(step.step or '')}**{count} {what} :small[{seconds(step.t)}{at}]"
