"""Tasks: when each node ran."""

import streamlit as st

from components.charts.latency import gantt
from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.raw_parts import RawParts
from components.live.timeline import Timeline
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from graphs.diagram import drawer

open_page(
    "Tasks",
    modes=("tasks",),
    lead="One event when a node starts, one when it ends, with its result or its error. Paired by their id they are "
    "spans; where nodes run in parallel the spans overlap.",
    use="to see what runs now, what ran at the same time, and which node takes the time.",
    avoid="for content: inputs and results are sent whole, and can be large.",
)
panel = open_run_panel("tasks", GRAPHS, default="ideas", modes=("tasks",))
figures = MetricsRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Node spans", anchor=False)
    spans = Timeline(live.container(key="timeline"), lanes=())
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(GRAPHS[panel.shown.graph.name]))
chart = st.container(key="gantt")
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(spans, figures, picture, raw)
gantt(chart, spans.spans, start=spans.start)
show_code(panel.shown)
