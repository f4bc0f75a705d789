"""A progress bar with a status line and timestamped steps."""

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_markdown, format_seconds
from components.shell.modes import mode_badge
from streaming.core.events import LogEntry
from streaming.projections.progress import Progress, ProgressStep


class ProgressPanel(LiveView):
    """A progress bar with the steps below it; each step is drawn once."""

    pace_s = 0.05

    def __init__(self, parent: DeltaGenerator, *, steps_height: int | None = None) -> None:
        super().__init__()
        self._bar = parent.empty()
        self._steps = parent.container(height=steps_height or "content", border=False, autoscroll=True, gap="xsmall")
        self._progress = Progress()
        self._drawn = 0
        self._bar.progress(0.0, text="No progress reported yet")

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._progress.apply(entry)
        return entry.event.kind == "custom"

    def paint(self) -> None:
        """Draw the picture as it is now."""
        status = escape_markdown(self._progress.status or "")
        if self._progress.fraction is not None:
            self._bar.progress(self._progress.fraction, text=f"{self._progress.fraction:.0%} · {status}")
        for step in self._progress.steps[self._drawn :]:
            self._steps.markdown(_line(step))
        self._drawn = len(self._progress.steps)


def _line(step: ProgressStep) -> str:
    of_total = (
        f" {escape_markdown(step.done)}/{escape_markdown(step.total)}" if step.done is not None and step.total else ""
    )
    at = f" · {escape_markdown(str(step.at)[11:23])} UTC" if step.at else ""
    what = escape_markdown(step.status) if step.status else code(step.data)
    name = escape_markdown(step.step or "")
    return f"{mode_badge('custom')} **{name}**{of_total} {what} :small[{format_seconds(step.t)}{at}]"
