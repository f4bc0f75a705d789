"""Debug: the full trace."""

import streamlit as st

from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.page import open_page, show_code
from components.raw import RawParts
from components.trace import Trace, lighter_modes
from graphs import GRAPHS
from graphs.picture import drawer

open_page(
    "Debug",
    modes=("debug",),
    lead="Everything at once: checkpoints, tasks and task results, each with its step and the only wall-clock "
    "timestamps of any mode. It is what you read when you do not understand a graph.",
    use="to find out why a node ran, with which input, in which order.",
    avoid="in production: it repeats the state again and again. The advice below names the lighter mode.",
)
desk = open_desk("debug", GRAPHS, default="joke", modes=("debug",))
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Trace", anchor=False)
    trace = Trace(live.container(key="trace"))
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(GRAPHS[desk.shown.graph.name]))
    lighter_modes()
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(trace, figures, picture, raw)
trace.explore(key="trace_filter")
show_code(desk.shown)
