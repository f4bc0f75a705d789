"""Checkpoints: the chain of saved states, and time travel along it."""

import streamlit as st

from components.features.time_travel import earlier_checkpoints, offer_time_travel, show_fork
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

# Pixels.
CHAIN, TOKENS, GRAPH, RAW = 300, 180, 320, 340

open_page(
    "Checkpoints",
    modes=("checkpoints", "messages"),
    lead="The state saved after each superstep: points to return to.",
    why="The state that the checkpointer saved after each superstep, with the nodes that come next. Every one is "
    "a point to return to: choose one, change a field, and continue from there in a separate branch.",
    use="for undo, for “try again from here”, for resuming after a crash, and to inspect a thread's memory.",
    avoid="as a live view: it is as large as `values` and more, and without a checkpointer it sends nothing.",
)
panel = open_run_panel("checkpoints", GRAPHS, default="joke", modes=("checkpoints", "messages"))
live, side = st.columns([3, 2])
with live:
    panel_heading("Saved states")
    chain = {"height": CHAIN, "earlier": earlier_checkpoints(panel)}
    panel.play("checkpoints", key="checkpoints", min_height=CHAIN, settings=chain)
    show_fork(panel)
    travel = st.container(key="time_travel")
with side.container(key="beside_chain"):
    panel_heading("Tokens")
    with st.container(key="token_pane"):
        panel.play("tokens", key="answer", settings={"height": TOKENS})
    panel_heading("Graph")
    panel.show_diagram(key="graph_picture", height=GRAPH)
panel.show_raw(height=RAW)
panel.draw_end()
offer_time_travel(travel, panel)
panel.show_code(before=panel.turns)
