"""What the drawing of an answer gave and cost: by the player, or by one of Streamlit's own ways."""

from collections.abc import Sequence
from itertools import pairwise

from components.live.cost import Cost
from streaming.core.events import LogEntry
from streaming.core.text_drawing import TextDrawing
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector, percentile


def drawn_by_streamlit(cost: Cost) -> TextDrawing | None:
    """From the costs of a pane that drew a whole run; `None` with fewer than two drawings."""
    gaps = sorted(later - earlier for earlier, later in pairwise(cost.drawn_at))
    return _drawing(gaps, size=cost.text_bytes, repaints=cost.repaints)


def drawn_by_player(collected: MetricsCollector, events: Sequence[LogEntry]) -> TextDrawing | None:
    """From a log and its figures: the player draws a chunk within a frame of its arrival, and gets each text once."""
    answers = apply_all(Messages(), events).answers()
    size = sum(len(message.text.encode(errors="replace")) for message in answers)
    return _drawing(sorted(collected.gaps), size=size, repaints=collected.metrics().chunks)


def _drawing(gaps: Sequence[float], *, size: int, repaints: int) -> TextDrawing | None:
    if not gaps:
        return None
    return TextDrawing(p95_s=percentile(gaps, 95) or 0.0, longest_s=gaps[-1], bytes=size, repaints=repaints)
