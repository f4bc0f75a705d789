"""The result of a node, for a reader who gets no tokens."""

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from streaming.core.events import LogEntry, Updates
from streaming.rendering.markdown_safety import safe_markdown


class FinalText(LiveView):
    """The latest texts of a node's result, drawn whole; with `field` only that field of the state."""

    pace_s = 0.0

    def __init__(self, parent: DeltaGenerator, *, field: str | None = None) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._texts: list[str] = []
        self._field = field
        if field is None:
            self._slot.caption("The whole answer appears here at the end.")

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        if not isinstance(entry.event, Updates):
            return False
        deltas = [delta for delta in entry.event.deltas.values() if isinstance(delta, dict)]
        self._texts = [
            value
            for delta in deltas
            for name, value in delta.items()
            if isinstance(value, str) and value and self._field in (None, name)
        ]
        return bool(self._texts)

    def paint(self) -> None:
        """Draw the picture as it is now."""
        self._slot.markdown(safe_markdown("\n\n".join(self._texts)))
