"""Values: the full state after each superstep."""

import streamlit as st

from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.raw_parts import RawParts
from components.live.states import StateView, scrub_states
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from graphs.diagram import drawer

open_page(
    "Values",
    modes=("values",),
    lead="The full state, sent again after each superstep. Every event is complete in itself, so a screen can show it "
    "without knowing what came before; the price is that unchanged fields travel again and again.",
    use="when the screen shows the state itself: a form that fills up, a document that grows, a board.",
    avoid="for text as it is written (there are no tokens here) or for a large state: `updates` sends a fraction.",
)
panel = open_run_panel("values", GRAPHS, default="joke", modes=("values",))
figures = MetricsRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("State", anchor=False)
    state = StateView(live.container(key="state"))
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(GRAPHS[panel.shown.graph.name]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
code = st.container()
panel.draw_until_end(state, figures, picture, raw)
if panel.run is not None:
    scrub_states(state, key=f"superstep.{panel.run.id}")
with code:
    show_code(panel.shown)
