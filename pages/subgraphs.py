"""Subgraphs: a graph in a graph, and what of it reaches the screen."""

from dataclasses import replace

import streamlit as st

from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.namespaces import NamespaceTreeView, what_is_lost
from components.live.raw_parts import RawParts
from components.live.tokens import TokenPane
from components.run_panel.panel import Lane, open_run_panel
from components.shell.page import open_page, show_code
from graphs import TECHNIQUES
from graphs.diagram import drawer
from streaming.core.events import Mode
from streaming.rendering.flush import FlushStrategy

MODES: tuple[Mode, ...] = ("updates", "messages", "custom", "tasks")
RESEARCH = {"research": TECHNIQUES["research"]}
PANEL = 260

open_page(
    "Subgraphs",
    modes=MODES,
    lead="A node can be a graph of its own. With `subgraphs=True` the namespace of every event "
    "names the graph that it comes from; without it the inner graphs are silent. Run does both, one after the other.",
    use="as soon as a graph contains another one, or an agent: the inner work is where the time goes.",
    avoid="as a reason to show every level to everyone. Filter by namespace: its depth tells inner from outer.",
)
panel = open_run_panel(
    "subgraphs",
    RESEARCH,
    default="research",
    modes=MODES,
    vary=lambda request: [request, replace(request, subgraphs=False)],
)
trees: dict[str, NamespaceTreeView] = {}
lanes: list[Lane] = []
for name, column in zip(("subgraphs=True", "subgraphs=False"), st.columns(2), strict=True):
    column.subheader(name, anchor=False)
    figures = MetricsRow(column, key=f"figures_{len(trees)}", compact=True)
    trees[name] = NamespaceTreeView(column.container(key=f"tree_{len(trees)}", height=PANEL, border=True))
    tokens = TokenPane(
        column.container(height=PANEL, key=f"tokens_{len(lanes)}", autoscroll=True), flush=FlushStrategy()
    )
    lanes.append(((trees[name], figures), tokens))
lost = st.container(key="lost")
live, side = st.columns([3, 2])
with live:
    st.subheader("Raw parts of the first run", anchor=False)
    raw = RawParts(st.container())
with side:
    st.subheader("The outer graph", anchor=False)
    picture = DiagramView(side, draw=drawer(RESEARCH["research"]))
(first, first_tokens), *rest = lanes
panel.draw_each_until_end([((*first, picture, raw), first_tokens), *rest])
what_is_lost(lost, trees)
show_code(panel.shown)
