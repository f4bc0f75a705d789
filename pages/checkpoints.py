"""Checkpoints: the chain of saved states, and time travel along it."""

import streamlit as st

from components.features.time_travel import time_travel
from components.live.checkpoints import CheckpointList
from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.raw_parts import RawParts
from components.live.tokens import TokenPane
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from graphs.diagram import drawer
from streaming.rendering.flush import FlushStrategy

open_page(
    "Checkpoints",
    modes=("checkpoints", "messages"),
    lead="The state that the checkpointer saved after each superstep, with the nodes that come next. Every one is "
    "a point to return to: choose one, change a field, and continue from there in a separate branch.",
    use="for undo, for “try again from here”, for resuming after a crash, and to inspect a thread's memory.",
    avoid="as a live view: it is as large as `values` and more, and without a checkpointer it sends nothing.",
)
panel = open_run_panel("checkpoints", GRAPHS, default="joke", modes=("checkpoints", "messages"))
figures = MetricsRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Chain", anchor=False)
    chain = CheckpointList(live.container(key="checkpoints"))
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(GRAPHS[panel.shown.graph.name]))
    st.subheader("Tokens", anchor=False)
    tokens = TokenPane(side.container(key="token_pane"), flush=FlushStrategy())
travel = st.container(key="time_travel")
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(chain, figures, picture, raw, tokens=tokens)
time_travel(travel, panel, chain.saved)
show_code(panel.shown, before=panel.turns)
