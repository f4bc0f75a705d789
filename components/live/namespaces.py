"""Namespaces as a tree that grows while the run streams."""

from collections.abc import Mapping, Sequence

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_html, format_bytes, format_seconds
from components.shell.html import html_table
from components.shell.modes import kind_hex
from streaming.core.events import LogEntry
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.namespaces import NamespaceNode, NamespaceTree


class NamespaceTreeView(LiveView):
    """One row for each graph, indented by its depth: its nodes, events and bytes so far."""

    pace_s = 0.15

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._tree = NamespaceTree()
        self._metrics = MetricsCollector()
        self._slot.html("<p>Press Run: each graph appears here with its events and bytes.</p>")

    @property
    def nodes(self) -> list[NamespaceNode]:
        """The graphs so far, each after the graph that contains it."""
        return self._tree.nodes

    @property
    def metrics(self) -> Metrics:
        """The figures of the run so far."""
        return self._metrics.metrics()

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._tree.apply(entry)
        self._metrics.apply(entry)
        return hasattr(entry.event, "ns")

    def paint(self) -> None:
        """Draw the picture as it is now."""
        if self.nodes:
            rows = [_row(node) for node in self.nodes]
            header = ("graph", "nodes", "events", "bytes", "until")
            self._slot.html(html_table(header, rows, label="Namespaces of the run"))


def what_is_lost(parent: DeltaGenerator, views: Mapping[str, NamespaceTreeView]) -> None:
    """Compare a run with `subgraphs=True` and one without, once both have ended."""
    metrics = {name: view.metrics for name, view in views.items()}
    if any(figures.outcome is None for figures in metrics.values()):
        return
    parent.subheader("What is lost", anchor=False)
    parent.dataframe(
        {
            "": ["graphs seen", "events", "bytes", "TTFT", "text chunks", "custom events", "E2E"],
            **{name: _figures(views[name].nodes, figures) for name, figures in metrics.items()},
        },
        hide_index=True,
        alt="Figures of each setting",
    )
    deep, flat = (view.nodes for view in list(views.values())[:2])
    inner = sum(node.chunks for node in deep if node.depth)
    unseen = sorted({name for node in deep if node.depth for name in node.nodes})
    parent.markdown(
        f"Without `subgraphs=True` the run shows {len(flat)} graph instead of {len(deep)}: the {inner} text chunks "
        f"of the inner graphs and every word of the nodes {', '.join(map(code, unseen))} stay hidden until the "
        "outer node has ended. The work is the same; only the screen does not move for longer."
    )
    parent.caption("Compare what is visible, not TTFT: the second run may find the model's prompt cache warm.")


def _figures(nodes: Sequence[NamespaceNode], metrics: Metrics) -> list[str]:
    return [
        str(len(nodes)),
        f"{metrics.events:,}",
        format_bytes(metrics.bytes),
        format_seconds(metrics.ttft_s),
        str(sum(node.chunks for node in nodes)),
        str(metrics.events_by_mode.get("custom", 0)),
        format_seconds(metrics.e2e_s),
    ]


def _row(node: NamespaceNode) -> tuple[str, ...]:
    indent = f'<span style="display:inline-block;width:calc({node.depth} * min(1.4rem, 4vw))"></span>'
    arrow = "↳ " if node.depth else ""
    return (
        f'<span style="white-space:nowrap">{indent}{arrow}<strong>{escape_html(node.name)}</strong></span>',
        escape_html(", ".join(node.nodes)),
        " ".join(_mode_count(mode, count) for mode, count in node.events.items()),
        # These may wrap, or a phone would cut the last column off.
        format_bytes(node.bytes),
        format_seconds(node.last_at),
    )


def _mode_count(mode: str, count: int) -> str:
    square = f'<span style="color:{kind_hex(mode)}">■</span>'
    return f'<span style="white-space:nowrap">{square} {mode} {count}</span>'
