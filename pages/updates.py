"""Updates: only what each node changed."""

import streamlit as st

from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.page import open_page, show_code
from components.raw import RawParts
from components.updates import UpdateList
from graphs import GRAPHS
from graphs.picture import drawer

open_page(
    "Updates",
    modes=("updates",),
    lead="Only what each node changed, as soon as the node has finished. Each event names its node, which makes this "
    "the natural feed for a timeline or an activity log.",
    use="to tell what has been done: “searched, found five passages, wrote the answer”.",
    avoid="while a node is still busy (it is silent until it ends), or where the screen needs the whole state.",
)
desk = open_desk("updates", GRAPHS, default="rag", modes=("updates",))
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Timeline", anchor=False)
    updates = UpdateList(live.container(key="updates"))
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(GRAPHS[desk.shown.graph.name]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(updates, figures, picture, raw)
show_code(desk.shown)
