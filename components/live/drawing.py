"""What the drawing of an answer gave and cost: by the player, or by one of Streamlit's own ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from components.live.cost import Cost
from streaming.core.events import LogEntry
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector, percentile


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The gaps between two drawings in seconds, the bytes of text sent to the browser, and how often it was drawn."""

    p95_s: float
    longest_s: float
    bytes: int
    repaints: int


def drawn_by_streamlit(cost: Cost) -> Drawing | None:
    """From the costs of a pane that drew a whole run; `None` with fewer than two drawings."""
    gaps = sorted(later - earlier for earlier, later in pairwise(cost.drawn_at))
    return _drawing(gaps, size=cost.text_bytes, repaints=cost.repaints)


def drawn_by_player(collected: MetricsCollector, events: Sequence[LogEntry]) -> Drawing | None:
    """From a log and its figures: the player draws a chunk within a frame of its arrival, and gets each text once."""
    answers = apply_all(Messages(), events).answers()
    size = sum(len(message.text.encode(errors="replace")) for message in answers)
    return _drawing(sorted(collected.gaps), size=size, repaints=collected.metrics().chunks)


def _drawing(gaps: Sequence[float], *, size: int, repaints: int) -> Drawing | None:
    if not gaps:
        return None
    return Drawing(p95_s=percentile(gaps, 95) or 0.0, longest_s=gaps[-1], bytes=size, repaints=repaints)
