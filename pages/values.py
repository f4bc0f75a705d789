"""Values: the full state after each superstep."""

import streamlit as st

from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.page import open_page, show_code
from components.raw import RawParts
from components.states import StateView, scrub_states
from graphs import GRAPHS
from graphs.picture import drawer

open_page(
    "Values",
    modes=("values",),
    lead="The whole state, again after each superstep. Every event is complete in itself, so a screen can show it "
    "without knowing what came before; the price is that unchanged fields travel again and again.",
    use="when the screen shows the state itself: a form that fills up, a document that grows, a board.",
    avoid="for text as it is written (there are no tokens here) or for a large state: `updates` sends a fraction.",
)
desk = open_desk("values", GRAPHS, default="joke", modes=("values",))
figures = FigureRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("State", anchor=False)
    state = StateView(live.container(key="state"))
with side:
    st.subheader("Graph", anchor=False)
    picture = GraphView(side, draw=drawer(GRAPHS[desk.shown.graph.name]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
code = st.container()
desk.follow(state, figures, picture, raw)
if desk.run is not None:
    scrub_states(state, key=f"superstep.{desk.run.id}")
with code:
    show_code(desk.shown)
