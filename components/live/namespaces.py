"""Namespaces as a tree that grows while the run streams."""

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import escape_html, format_bytes, format_seconds
from components.shell.html import html_table
from components.shell.modes import kind_hex
from streaming.core.events import LogEntry
from streaming.projections.namespaces import NamespaceNode, NamespaceTree


class NamespaceTreeView(LiveView):
    """One row for each graph, indented by its depth: its nodes, events and bytes so far."""

    pace_s = 0.15

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._tree = NamespaceTree()
        self._slot.html("<p>Press Run: each graph appears here with its events and bytes.</p>")

    @property
    def nodes(self) -> list[NamespaceNode]:
        """The graphs so far, each after the graph that contains it."""
        return self._tree.nodes

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._tree.apply(entry)
        return hasattr(entry.event, "ns")

    def paint(self) -> None:
        """Draw the picture as it is now."""
        if self.nodes:
            rows = [_row(node) for node in self.nodes]
            header = ("graph", "nodes", "events", "bytes", "until")
            self._slot.html(html_table(header, rows, label="Namespaces of the run"))


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
