"""Subgraphs: a graph in a graph, and what of it reaches the screen."""

from dataclasses import replace

import streamlit as st

from components.features.subgraphs import what_is_lost
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page
from graphs import TECHNIQUES
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("updates", "messages", "custom", "tasks")
RESEARCH = {"research": TECHNIQUES["research"]}
SETTINGS = ("subgraphs=True", "subgraphs=False")
# Pixels: both trees and texts fit on a projector.
TREE, TOKENS, RAW = 215, 112, 340

open_page(
    "Subgraphs",
    modes=MODES,
    lead="Graphs in graphs, and which of their events you get.",
    why="A node can be a graph of its own. With `subgraphs=True` the namespace of every event "
    "names the graph that it comes from; without it the inner graphs are silent. Run does both at the same time.",
    use="as soon as a graph contains another one, or an agent: the inner work is where the time goes.",
    avoid="as a reason to show every level to everyone. Filter by namespace: its depth tells inner from outer.",
)
panel = open_run_panel(
    "subgraphs",
    RESEARCH,
    default="research",
    modes=MODES,
    vary=lambda request: [request, replace(request, subgraphs=False)],
    together=True,
    figures=(),
)
with st.container(key="token_pane"):
    panel.play_side_by_side(
        ["status", "figures", {"panel": "namespaces", "height": TREE}, {"panel": "tokens", "height": TOKENS}],
        key="lanes",
        labels=SETTINGS,
        min_height=TREE + TOKENS,
    )
lost = st.container(key="lost").empty()
lost.caption("When both have ended: what is lost without `subgraphs=True`.")
live, side = st.columns([3, 2])
with live:
    panel.show_raw(height=RAW, title="Raw parts of the first run")
with side:
    st.subheader("The outer graph", anchor=False)
    panel.show_diagram(key="diagram", height=RAW)
panel.draw_end()
if panel.over:
    what_is_lost(lost.container(), {name: run.events for name, run in zip(SETTINGS, panel.runs, strict=False)})
panel.show_code()
