"""What drawing a text by one of Streamlit's own ways costs, and a line that says so while the text grows."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from streamlit.delta_generator import DeltaGenerator

from components.shell.format import count, escape_markdown, format_bytes
from streaming.rendering.flush import FlushStrategy

_TELL_EVERY_S = 0.5
"""A line drawn more often would itself delay the text."""


@dataclass(slots=True)
class Cost:
    """The cost of drawing: bytes of text sent to the browser, repaints, and their times on the monotonic clock.

    `direct_bytes` are those that the direct way sends for the same text, each piece once.
    """

    text_bytes: int = 0
    repaints: int = 0
    drawn_at: list[float] = field(default_factory=list)
    direct_bytes: int = 0

    def add(self, text: str) -> str:
        """Count the text and return it."""
        self.text_bytes += len(text.encode(errors="replace"))
        self.repaints += 1
        self.drawn_at.append(time.monotonic())
        return text

    def arrived(self, piece: str) -> None:
        """Count a piece of text as the direct way sends it."""
        self.direct_bytes += len(piece.encode(errors="replace"))

    def sentence(self, flush: FlushStrategy) -> str:
        """How much was sent, as Markdown, beside what the direct way sends."""
        return (
            f"Drawn by **{escape_markdown(flush.label)}**: {format_bytes(self.text_bytes)} of text sent in "
            f"{count(self.repaints, 'repaint')}; *direct* sends {format_bytes(self.direct_bytes)}."
        )


class CostLine:
    """The cost of a text that is being drawn, in a placeholder, some times a second."""

    def __init__(
        self, slot: DeltaGenerator, flush: FlushStrategy, cost: Cost, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._slot, self._flush, self._cost, self._clock = slot, flush, cost, clock
        self._told_at = float("-inf")
        self.tell()

    def tell(self, *, over: bool = False) -> None:
        """Draw the cost as it is, unless it was drawn a moment ago; what is `over` is always drawn."""
        now = self._clock()
        if over or now - self._told_at >= _TELL_EVERY_S:
            self._told_at = now
            self._slot.caption(self._cost.sentence(self._flush))
