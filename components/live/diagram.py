"""The graph's picture, with the running nodes highlighted."""

from collections.abc import Collection, Sequence
from typing import Protocol

from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from streaming.core.events import LogEntry
from streaming.projections.active_nodes import ActiveNodes, Edge

_HEIGHT = 440


class Draw(Protocol):
    """Mermaid text of the graph with these nodes lit; its edges show what runs next where no mode reports it."""

    def __call__(self, lit: Collection[str], /) -> str: ...

    @property
    def edges(self) -> Sequence[Edge]: ...


class DiagramView(LiveView):
    """The picture, redrawn when the running nodes change, in a frame of fixed height."""

    def __init__(self, parent: DeltaGenerator, *, draw: Draw, height: int = _HEIGHT) -> None:
        super().__init__()
        self._draw_text = draw
        self._slot = parent.container(key="graph_picture", height=height, border=False).empty()
        self._running = ActiveNodes(draw.edges)
        self.paint()

    def take(self, entry: LogEntry) -> bool:
        before = self._running.nodes
        self._running.apply(entry)
        return before != self._running.nodes

    def paint(self) -> None:
        self._slot.mermaid_chart(self._draw_text(self._running.nodes), alt="The graph; the running node is highlighted")
