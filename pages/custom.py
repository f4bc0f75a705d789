"""Custom: what nodes and tools tell about their own work."""

import streamlit as st

from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.page import open_page, show_code
from components.progress import ProgressPanel
from components.raw import RawParts
from graphs import WITH_PROGRESS
from graphs.picture import drawer

open_page(
    "Custom",
    modes=("custom",),
    lead="Whatever a node or a tool writes through `get_stream_writer()`, at the moment it writes it: counts, a status "
    "line, a fraction. Only the node knows how far it is; this mode lets it say so.",
    use="for progress bars, status lines and partial data in the middle of a long node.",
    avoid="as a second way to send tokens or state: those have modes of their own, with the bookkeeping done.",
)
desk = open_desk("custom", WITH_PROGRESS, default="report", modes=("custom",))
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Progress", anchor=False)
    progress = ProgressPanel(live.container(key="progress"))
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(WITH_PROGRESS[desk.shown.graph.name]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(progress, figures, picture, raw)
show_code(desk.shown)
