"""The row of figures that every page has."""

from typing import NamedTuple

from streamlit.delta_generator import DeltaGenerator

from components.text import rate, seconds, size
from components.view import View
from streaming import Stamped
from streaming.projections import Latency, Metrics


class Figure(NamedTuple):
    """A metric's label and what it means."""

    label: str
    help: str


FIGURES = (
    Figure("TTFT", "Time to first token: from the graph getting its input to the first non-empty piece of text."),
    Figure("E2E", "End to end: from the graph getting its input to the end of the run."),
    Figure("Tokens/s", "Tokens after each message's first, per second in which a message was streaming."),
    Figure("Events", "Stream parts that LangGraph sent, in all modes of this run."),
    Figure("Bytes", "Weight of those parts as JSON. 1 KB is 1,000 bytes."),
)


class FigureRow(View):
    """TTFT, E2E, tokens/s, events and bytes, kept up to date while the run goes; `compact` for half a page."""

    pace_s = 0.5

    def __init__(self, parent: DeltaGenerator, *, key: str = "figures", compact: bool = False) -> None:
        super().__init__()
        self._latency = Latency()
        grid = parent.container(key=key).grid(columns=len(FIGURES), min_column_width=76 if compact else 110)
        self._slots = [grid.empty() for _ in FIGURES]
        self._shown: list[str] = [""] * len(FIGURES)
        self.paint()

    @property
    def metrics(self) -> Metrics:
        return self._latency.metrics()

    def take(self, stamped: Stamped) -> bool:
        self._latency.apply(stamped)
        return True

    def paint(self) -> None:
        for place, value in enumerate(_texts(self.metrics)):
            if value != self._shown[place]:
                self._slots[place].metric(FIGURES[place].label, value, help=FIGURES[place].help)
                self._shown[place] = value


def _texts(metrics: Metrics) -> list[str]:
    return [
        seconds(metrics.ttft_s),
        seconds(metrics.e2e_s),
        rate(metrics.tokens_per_s),
        f"{metrics.events:,}",
        size(metrics.bytes),
    ]
