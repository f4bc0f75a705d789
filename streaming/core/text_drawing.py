"""What the drawing of an answer gave a reader and cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDrawing:
    """The gaps between two drawings in seconds, the bytes of text sent to the browser, and how often it was drawn."""

    p95_s: float
    longest_s: float
    bytes: int
    repaints: int
