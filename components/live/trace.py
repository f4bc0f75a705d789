"""The full trace of a run."""

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import escape_markdown, format_bytes, format_seconds
from streaming.core.events import Debug, LogEntry
from streaming.projections.trace import subject


class Trace(LiveView):
    """One line for each entry."""

    pace_s = 0.1

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._entries: list[tuple[LogEntry, Debug]] = []
        self._slot.caption(":material/play_circle: Press Run: the trace appears here.")

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        if not isinstance(entry.event, Debug):
            return False
        self._entries.append((entry, entry.event))
        return True

    def paint(self) -> None:
        """Draw the picture as it is now."""
        self._slot.markdown("\n".join(f"- {_line(entry, event)}" for entry, event in self._entries[-20:]))


def _line(entry: LogEntry, event: Debug) -> str:
    received = f"{format_seconds(entry.t)} · {format_bytes(entry.size)}"
    return f"**{escape_markdown(event.type)}** {escape_markdown(subject(event))} · step {event.step} · {received}"
