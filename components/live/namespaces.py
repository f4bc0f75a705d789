"""Namespaces as a tree that grows while the run goes."""

from collections.abc import Mapping, Sequence

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_html, format_bytes, format_seconds
from components.shell.html import html_table
from components.shell.modes import kind_hex
from streaming.core.events import LogEntry
from streaming.projections.metrics import Metrics, MetricsCollector
from streaming.projections.namespaces import NamespaceNode, NamespaceTree


class TreeView(LiveView):
    """One row a graph, indented by its depth: its nodes, and what it has sent so far."""

    pace_s = 0.15

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._tree = NamespaceTree()
        self._latency = MetricsCollector()
        self._slot.html("<p>Each graph in the graph will stand here, with what it sends.</p>")

    @property
    def places(self) -> list[NamespaceNode]:
        return self._tree.nodes

    @property
    def metrics(self) -> Metrics:
        return self._latency.metrics()

    def take(self, entry: LogEntry) -> bool:
        self._tree.apply(entry)
        self._latency.apply(entry)
        return hasattr(entry.event, "ns")

    def paint(self) -> None:
        if self.places:
            rows = [_row(place) for place in self.places]
            header = ("graph", "nodes", "events", "bytes", "until")
            self._slot.html(html_table(header, rows, label="Namespaces of the run"))


def what_is_lost(parent: DeltaGenerator, views: Mapping[str, TreeView]) -> None:
    """Both runs side by side, once both are over."""
    metrics = {name: view.metrics for name, view in views.items()}
    if any(figures.outcome is None for figures in metrics.values()):
        return
    parent.subheader("What is lost", anchor=False)
    parent.dataframe(
        {
            "": ["graphs seen", "events", "bytes", "TTFT", "pieces of text", "custom events", "E2E"],
            **{name: _figures(views[name].places, figures) for name, figures in metrics.items()},
        },
        hide_index=True,
        alt="What each setting brings",
    )
    deep, flat = (list(views.values())[place].places for place in (0, 1))
    inner = sum(place.chunks for place in deep if place.depth)
    unseen = sorted({node for place in deep if place.depth for node in place.nodes})
    parent.markdown(
        f"Without `subgraphs=True` the run shows {len(flat)} graph instead of {len(deep)}: the {inner} pieces of text "
        f"from inside and every word of the nodes {', '.join(map(code, unseen))} stay hidden until the "
        "outer node has ended. The work is the same; the screen just stands still for longer."
    )
    parent.caption("Compare what is seen and not the TTFT: the second run may find the model's prompt cache warm.")


def _figures(places: Sequence[NamespaceNode], metrics: Metrics) -> list[str]:
    return [
        str(len(places)),
        f"{metrics.events:,}",
        format_bytes(metrics.bytes),
        format_seconds(metrics.ttft_s),
        str(sum(place.chunks for place in places)),
        str(metrics.events_by_mode.get("custom", 0)),
        format_seconds(metrics.e2e_s),
    ]


def _row(place: NamespaceNode) -> tuple[str, ...]:
    indent = f'<span style="display:inline-block;width:calc({place.depth} * min(1.4rem, 4vw))"></span>'
    arrow = "↳ " if place.depth else ""
    return (
        f'<span style="white-space:nowrap">{indent}{arrow}<strong>{escape_html(place.name)}</strong></span>',
        escape_html(", ".join(place.nodes)),
        " ".join(_count(mode, count) for mode, count in place.events.items()),
        # These may wrap: on a phone the last column would be cut otherwise.
        format_bytes(place.bytes),
        format_seconds(place.last_at),
    )


def _count(mode: str, count: int) -> str:
    square = f'<span style="color:{kind_hex(mode)}">■</span>'
    return f'<span style="white-space:nowrap">{square} {mode} {count}</span>'
