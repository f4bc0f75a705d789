"""Debug: the full trace."""

import streamlit as st

from components.features.trace import filtered_trace, lighter_modes
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

# Pixels.
TRACE, GRAPH, RAW = 360, 440, 340

open_page(
    "Debug",
    modes=("debug",),
    lead="Everything at once: checkpoints, tasks and results, with wall-clock times.",
    why="Everything at once: checkpoints, tasks and task results, each with its step and the only wall-clock "
    "timestamps of any mode. It is what you read when you do not understand a graph.",
    use="to find out why a node ran, with which input, in which order.",
    avoid="in production: it sends the state again and again. The list below names a lighter mode for each need.",
)
panel = open_run_panel("debug", GRAPHS, default="joke", modes=("debug",), drawn_ahead=True)
live, side = st.columns([3, 2])
with live:
    panel_heading("Trace")
    filtered_trace(live.container(), panel, height=TRACE)
with side:
    panel_heading("Graph")
    panel.show_diagram(key="graph_picture", height=GRAPH)
    lighter_modes()
panel.show_raw(height=RAW)
panel.draw_end()
panel.show_code()
