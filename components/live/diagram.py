"""The graph's picture, with the running nodes highlighted."""

from collections.abc import Collection, Sequence
from typing import Protocol

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from streaming.core.events import LogEntry
from streaming.projections.active_nodes import ActiveNodes, Edge

_HEIGHT = 440


class Draw(Protocol):
    """Makes the Mermaid text of a graph."""

    def __call__(self, highlighted: Collection[str], /) -> str:
        """Mermaid text of the graph with these nodes highlighted."""
        ...

    @property
    def edges(self) -> Sequence[Edge]:
        """The graph's edges; they show which node runs next where no mode reports it."""
        ...


class DiagramView(LiveView):
    """The graph's picture in a frame of fixed height, redrawn when the running nodes change."""

    def __init__(self, parent: DeltaGenerator, *, draw: Draw, height: int = _HEIGHT) -> None:
        super().__init__()
        self._mermaid = draw
        self._slot = parent.container(key="graph_picture", height=height, border=False).empty()
        self._running = ActiveNodes(draw.edges)
        self.paint()

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        before = self._running.nodes
        self._running.apply(entry)
        return before != self._running.nodes

    def paint(self) -> None:
        """Draw the picture as it is now."""
        self._slot.mermaid_chart(self._mermaid(self._running.nodes), alt="The graph; the running node is highlighted")
