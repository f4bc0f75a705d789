"""Tasks: when each node ran."""

import streamlit as st

from components.charts.latency import gantt
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

# Pixels.
ROWS, CARDS, GRAPH, RAW = 8, 190, 440, 340

open_page(
    "Tasks",
    modes=("tasks",),
    lead="One event when a node starts, one when it ends: paired, they are spans.",
    why="One event when a node starts, one when it ends, with its result or its error. Paired by their id they are "
    "spans; where nodes run in parallel the spans overlap.",
    use="to see what runs now, what ran at the same time, and which node takes the time.",
    avoid="for content: inputs and results are sent whole, and can be large.",
)
panel = open_run_panel("tasks", GRAPHS, default="ideas", modes=("tasks",), drawn_ahead=True)
live, side = st.columns([3, 2])
with live:
    panel_heading("When each node ran")
    panel.play("timeline", key="timeline", settings={"lanes": (), "rows": ROWS})
    panel.play("tasks", key="tasks", min_height=CARDS, settings={"height": CARDS})
with side:
    panel_heading("Graph")
    panel.show_diagram(key="graph_picture", height=GRAPH)
panel.show_raw(height=RAW)
panel.draw_end()
gantt(st.container(key="gantt"), panel.shown_events)
panel.show_code()
