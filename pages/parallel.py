"""Parallel: several token streams at once."""

import streamlit as st

from components.branches import BranchPanes, branch_table, pick_order
from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.lanes import Timeline
from components.page import open_page, show_code
from components.raw import RawParts
from graphs import GRAPHS
from graphs.picture import drawer

IDEAS = {"ideas": GRAPHS["ideas"]}

open_page(
    "Parallel",
    modes=("messages", "tasks"),
    lead="Branches that run at the same time send their tokens mixed, as they arrive. Each token names its node, and "
    "the first one of a message names its task: that is enough to give every branch a place and a clock of its own.",
    use="when several drafts, searches or agents work side by side and people should see all of them move.",
    avoid="with one growing text for all: by arrival it is a word salad, as the switch below shows.",
)
desk = open_desk("parallel", IDEAS, default="ideas", modes=("messages", "tasks"))
figures = FigureRow(st.container())
order = pick_order()
panes = BranchPanes(st.container(key="branches"), order=order)
table = st.container()
live, side = st.columns([3, 2])
with live:
    st.subheader("Timeline", anchor=False)
    spans = Timeline(live.container(key="timeline"), lanes=("messages",))
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(IDEAS["ideas"]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(panes, spans, figures, picture, raw)
branch_table(table, panes)
show_code(desk.shown)
