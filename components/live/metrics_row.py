"""The row of figures that every page has."""

from typing import NamedTuple

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import format_bytes, format_rate, format_seconds
from streaming.core.events import LogEntry
from streaming.projections.metrics import Metrics, MetricsCollector


class Metric(NamedTuple):
    """A metric's label and its definition."""

    label: str
    help: str


METRICS = (
    Metric("TTFT", "Time to first token: from submission to the first visible text, the wait included."),
    Metric("E2E", "End-to-end latency: from submission to the end of the run, the wait included."),
    Metric(
        "Wait",
        "From submission to the graph's input: queue, rate limit and loading of the model. It is part of TTFT and E2E.",
    ),
    Metric(
        "Decode speed",
        "Tokens per second of one stream: those after each message's first, per second in which a message streamed.",
    ),
    Metric("Events", "Stream parts that LangGraph sent, all modes of this run together."),
    Metric("Bytes", "Size of those parts as JSON. 1 KB is 1,000 bytes."),
)


class MetricsRow(LiveView):
    """The figures of `METRICS`, updated while the run streams; `compact` for half a page."""

    pace_s = 0.5

    def __init__(self, parent: DeltaGenerator, *, key: str = "figures", compact: bool = False) -> None:
        super().__init__()
        self._collector = MetricsCollector()
        grid = parent.container(key=key).grid(columns=len(METRICS), min_column_width=76 if compact else 110)
        self._slots = [grid.empty() for _ in METRICS]
        self._shown: list[str] = [""] * len(METRICS)
        self.paint()

    @property
    def metrics(self) -> Metrics:
        """The figures so far."""
        return self._collector.metrics()

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._collector.apply(entry)
        return True

    def paint(self) -> None:
        """Draw the picture as it is now."""
        for index, (metric, value) in enumerate(zip(METRICS, _texts(self.metrics), strict=True)):
            if value != self._shown[index]:
                self._slots[index].metric(metric.label, value, help=metric.help)
                self._shown[index] = value


def _texts(metrics: Metrics) -> list[str]:
    return [
        format_seconds(metrics.ttft_s),
        format_seconds(metrics.e2e_s),
        format_seconds(metrics.wait_s),
        format_rate(metrics.tokens_per_s),
        f"{metrics.events:,}",
        format_bytes(metrics.bytes),
    ]
