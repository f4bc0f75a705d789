"""Custom: progress that nodes and tools report themselves."""

import streamlit as st

from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import WITH_PROGRESS

# Pixels.
STEPS, GRAPH, RAW = 360, 440, 340

open_page(
    "Custom",
    modes=("custom",),
    lead="What a node or a tool reports about itself, at the moment it does.",
    why="Whatever a node or a tool writes through `get_stream_writer()`, at the moment it writes it: counts, a status "
    "line, a fraction. Only the node knows how far it is; this mode lets it say so.",
    use="for progress bars, status lines and partial data in the middle of a long node.",
    avoid="as a second way to send tokens or state: those have their own modes, which do the bookkeeping for you.",
)
panel = open_run_panel("custom", WITH_PROGRESS, default="report", modes=("custom",), drawn_ahead=True)
live, side = st.columns([3, 2])
with live:
    panel_heading("Progress")
    panel.play("progress", key="progress", min_height=STEPS, settings={"height": STEPS})
with side:
    panel_heading("Graph")
    panel.show_diagram(key="graph_picture", height=GRAPH)
panel.show_raw(height=RAW)
panel.draw_end()
panel.show_code()
