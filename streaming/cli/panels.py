"""What is drawn at the end of a run: the timeline of its nodes and its figures."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from streaming.cli.consoles import write
from streaming.cli.safe_text import one_line, printable
from streaming.core.events import LogEntry
from streaming.projections.base import apply_all
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.node_spans import NodeSpans

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 40
"""Characters of the timeline's axis."""
MOST_BARS = 200
"""Bars of a timeline."""
UNKNOWN = "–"
_STATE_STYLE = {"failed": "red", "interrupted": "yellow", "cut": "yellow", "cached": "cyan"}


def seconds(value: float | None) -> str:
    """A time; a dash if it is unknown."""
    if value is None:
        return UNKNOWN
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def figures_of(metrics: Metrics) -> dict[str, str]:
    """The figures of a run by their names on screen."""
    return {
        "Outcome": metrics.outcome or UNKNOWN,
        "Wait": seconds(metrics.wait_s),
        "TTFT": seconds(metrics.answer_after_s),
        "E2E latency": seconds(metrics.e2e_s),
        "TPOT": seconds(metrics.tpot_s),
        "ITL p50": seconds(metrics.itl_p50_s),
        "ITL p95": seconds(metrics.itl_p95_s),
        "Decode speed": UNKNOWN if metrics.tokens_per_s is None else f"{metrics.tokens_per_s:,.0f} tok/s",
        "Output tokens": UNKNOWN if metrics.output_tokens is None else f"{metrics.output_tokens:,}",
        "Chunks": f"{metrics.chunks:,}",
        "Events": f"{metrics.events:,}",
        "Bytes": f"{metrics.bytes:,}",
    }


def metrics_of(events: Sequence[LogEntry]) -> Metrics:
    """The figures of this log."""
    return apply_all(MetricsCollector(), events).metrics()


def draw_timeline(console: "Console", events: Sequence[LogEntry]) -> None:
    """One bar for each execution of a node; nothing without the mode `tasks`."""
    spans = list(apply_all(NodeSpans(), events).spans.values())
    total = events[-1].t if events else 0.0
    if not spans or not total:
        return
    write(console, "\nTimeline", "bold")
    names = ["/".join((*(part.partition(":")[0] for part in span.ns), span.node)) for span in spans]
    width = min(max(map(len, names)), 32)
    for name, span in zip(names[:MOST_BARS], spans[:MOST_BARS], strict=True):
        start = min(int(span.start / total * WIDTH), WIDTH - 1)
        end = max(int((span.end or total) / total * WIDTH), start + 1)
        state = "" if span.state == "done" else f" {span.state}"
        write(console, f"{one_line(name, width):<{width}} ", end="")
        bar = "·" * start + "█" * (end - start) + "·" * (WIDTH - end)
        write(console, bar, _STATE_STYLE.get(span.state, "magenta"), end="")
        write(console, f" {seconds(span.seconds)}{state}")
    if len(spans) > MOST_BARS:
        write(console, f"The first {MOST_BARS:,} of {len(spans):,} executions of nodes.", "dim")


def draw_figures(console: "Console", events: Sequence[LogEntry]) -> None:
    """The figures of a run."""
    write(console, "\nFigures", "bold")
    for name, value in figures_of(metrics_of(events)).items():
        write(console, f"{name:<14} ", "dim", end="")
        write(console, value)


_LEGIBLE, _BETWEEN = 5, 3
"""Columns of a terminal: what a column of a table needs at least if its texts are longer, and the space beside it."""


def _fits(console: "Console", rows: Sequence[Mapping[str, Any]]) -> bool:
    widths = (max(len(str(text)) for text in (column, *(row[column] for row in rows))) for column in rows[0])
    return sum(min(width, _LEGIBLE) + _BETWEEN for width in widths) <= console.width


def draw_table(console: "Console", rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with the same columns as a table; in a window that is too narrow for it, one line for each value."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    if not _fits(console, rows):
        for row in rows:
            console.print(Text("\n".join(printable(f"{column}: {value}") for column, value in row.items())), "")
        return
    table = Table(box=box.SIMPLE_HEAD)
    for number, column in enumerate(rows[0]):
        # The first names the row, such as the id of a run, which is copied.
        table.add_column(printable(str(column)), overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text(printable(str(value))) for value in row.values()))
    console.print(table, soft_wrap=False)
