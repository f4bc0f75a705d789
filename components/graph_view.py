"""The graph's picture, with the running node lit."""

from collections.abc import Callable, Collection

from streamlit.delta_generator import DeltaGenerator

from components.view import View
from streaming import Stamped
from streaming.projections import NodeSpans, NodeUpdates, Texts

Draw = Callable[[Collection[str]], str]
"""Mermaid text of the graph with these nodes lit."""

_HEIGHT = 440


class GraphView(View):
    """The picture in a frame of fixed height: it is drawn anew when the running nodes change, and nothing may jump.

    With the `tasks` mode the running nodes are known; without it the node that spoke or changed something last is lit.
    """

    def __init__(self, parent: DeltaGenerator, *, draw: Draw, height: int = _HEIGHT) -> None:
        super().__init__()
        self._draw_text = draw
        self._slot = parent.container(key="graph_picture", height=height, border=False).empty()
        self._spans = NodeSpans()
        self._texts = Texts()
        self._updates = NodeUpdates()
        self._lit: frozenset[str] = frozenset()
        self._ended = False
        self.paint()

    def take(self, stamped: Stamped) -> bool:
        for projection in (self._spans, self._texts, self._updates):
            projection.apply(stamped)
        self._ended = self._ended or stamped.event.kind == "ended"
        before, self._lit = self._lit, self._running(stamped)
        return before != self._lit

    def paint(self) -> None:
        self._slot.mermaid_chart(self._draw_text(self._lit), alt="The graph; the running node is highlighted")

    def _running(self, stamped: Stamped) -> frozenset[str]:
        if self._ended:
            return frozenset()
        if self._spans.spans:
            return self._spans.running
        if stamped.event.kind == "messages":
            return frozenset({stamped.event.node})
        if stamped.event.kind == "updates":
            return frozenset(stamped.event.deltas)
        return self._lit
