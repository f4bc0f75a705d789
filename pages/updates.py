"""Updates: only what each node changed."""

import streamlit as st

from components.features.full_values import cut_update_fields, pick_full_value
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

# Pixels.
UPDATES, GRAPH, RAW = 400, 440, 340

open_page(
    "Updates",
    modes=("updates",),
    lead="Only what each node changed, as soon as the node has finished.",
    why="Only what each node changed, as soon as the node has finished. Each event names its node, which makes this "
    "the natural feed for a timeline or an activity log.",
    use="to report what has been done: “searched, found five passages, wrote the answer”.",
    avoid="while a node is still busy (it is silent until it ends), or where the screen needs the whole state.",
)
panel = open_run_panel("updates", GRAPHS, default="rag", modes=("updates",), drawn_ahead=True)
live, side = st.columns([3, 2])
with live:
    panel_heading("Changes")
    panel.play("updates", key="updates", min_height=UPDATES, settings={"height": UPDATES})
    whole = st.container()
with side:
    panel_heading("Graph")
    panel.show_diagram(key="graph_picture", height=GRAPH)
panel.show_raw(height=RAW)
panel.draw_end()
if panel.run is not None:
    pick_full_value(whole, "Long field", cut_update_fields(panel.shown_events), key=f"whole.{panel.run.id}")
panel.show_code()
