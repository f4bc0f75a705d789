"""Latencies from two lists: when each word left the provider, and when the newest word on the page became which."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from streaming.projections.metrics import percentile


def latencies_ms(sent: Sequence[float], seen: Sequence[tuple[int, float]]) -> list[float]:
    """Milliseconds from the stamp of each word to its appearance.

    `sent` are seconds of word 1, 2, …; `seen` are pairs of the newest word on the page and milliseconds, in order. A
    word appeared with the first pair that has it or a later one.
    """
    found, position = [], 0
    for number, left in enumerate(sent, 1):
        while seen[position][0] < number:
            position += 1
        found.append(seen[position][1] - left * 1000)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measured case; times in ms, bytes and server CPU (µs) for each word, `None` where nothing was measured."""

    first_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    last_ms: float
    bytes_a_word: float | None
    frame_gap_ms: float
    layout_shift: float
    cpu_us_a_word: float | None

    def as_json(self) -> dict[str, Any]:
        """The figures, rounded."""
        return {name: None if value is None else round(value, 3) for name, value in asdict(self).items()}


def quantile(values: Sequence[float], q: float) -> float:
    """A percentile of at least one value."""
    found = percentile(sorted(values), q)
    assert found is not None
    return found
