"""Values: the full state after each superstep."""

import streamlit as st

from components.features.full_values import cut_state_fields, pick_full_value
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

# Pixels.
STATE, GRAPH, RAW = 360, 440, 340

open_page(
    "Values",
    modes=("values",),
    lead="The full state, sent again after each superstep.",
    why="The full state, sent again after each superstep. Every event is complete in itself, so a screen can show it "
    "without knowing what came before; the price is that unchanged fields travel again and again.",
    use="when the screen shows the state itself: a form that fills up, a document that grows, a board.",
    avoid="for text as it is written (there are no tokens here) or for a large state: `updates` sends a fraction.",
)
panel = open_run_panel("values", GRAPHS, default="joke", modes=("values",), drawn_ahead=True)
live, side = st.columns([3, 2])
with live:
    panel_heading("State")
    panel.play("states", key="state", min_height=STATE, settings={"height": STATE})
    whole = st.container()
with side:
    panel_heading("Graph")
    panel.show_diagram(key="graph_picture", height=GRAPH)
panel.show_raw(height=RAW)
panel.draw_end()
if panel.run is not None:
    pick_full_value(whole, "Long field", cut_state_fields(panel.shown_events), key=f"whole.{panel.run.id}")
panel.show_code()
