"""Tasks: when each node ran."""

import streamlit as st

from components.charts import gantt
from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.lanes import Timeline
from components.page import open_page, show_code
from components.raw import RawParts
from graphs import GRAPHS
from graphs.picture import drawer

open_page(
    "Tasks",
    modes=("tasks",),
    lead="One event when a node starts, one when it ends, with its result or its error. Paired by their id they are "
    "spans; where nodes run in parallel the spans overlap.",
    use="to see what runs now, what ran at the same time, and which node costs the time.",
    avoid="for content: inputs and results come along whole, and can be large.",
)
desk = open_desk("tasks", GRAPHS, default="ideas", modes=("tasks",))
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Node spans", anchor=False)
    spans = Timeline(live.container(key="timeline"), lanes=())
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(GRAPHS[desk.shown.graph.name]))
chart = st.container(key="gantt")
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(spans, figures, picture, raw)
gantt(chart, spans.spans, start=spans.start)
show_code(desk.shown)
