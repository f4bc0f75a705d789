"""Checkpoints: the chain of saved states, and time travel along it."""

import streamlit as st

from components.checkpoints import CheckpointList, time_travel
from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.page import open_page, show_code
from components.raw import RawParts
from components.tokens import TokenPane
from graphs import GRAPHS
from graphs.picture import drawer
from streaming.pacing import Pacing

open_page(
    "Checkpoints",
    modes=("checkpoints", "messages"),
    lead="The state that the checkpointer saved after each superstep, with the nodes that come next. Every one is "
    "a place to go back to: choose one, change a field, and run on from there in a branch of its own.",
    use="for undo, for “try again from here”, for resuming after a crash, and to see what a thread remembers.",
    avoid="as a live view: it has the weight of `values` and more, and nothing comes without a checkpointer.",
)
desk = open_desk("checkpoints", GRAPHS, default="joke", modes=("checkpoints", "messages"))
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Chain", anchor=False)
    chain = CheckpointList(live.container(key="checkpoints"))
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(GRAPHS[desk.shown.graph.name]))
    st.subheader("Tokens", anchor=False)
    tokens = TokenPane(side.container(key="token_pane"), pacing=Pacing())
travel = st.container(key="time_travel")
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(chain, figures, picture, raw, tokens=tokens)
time_travel(travel, desk, chain.saved)
show_code(desk.shown, before=desk.turns)
