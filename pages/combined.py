"""Combined: one run, four panels."""

import streamlit as st

from components.charts import latency_charts
from components.controls import pick_pacing
from components.desk import open_desk
from components.figures import FigureRow
from components.graph_view import GraphView
from components.lanes import Timeline
from components.page import open_page, show_code
from components.progress import ProgressPanel
from components.raw import RawParts
from components.session import history
from components.tokens import TokenPane
from graphs import GRAPHS
from graphs.picture import drawer

MODES = ("updates", "messages", "custom", "tasks")
PANEL = 320

open_page(
    "Combined",
    modes=MODES,
    lead="What a finished product shows is rarely one mode. Here one run feeds four panels at once: tokens from "
    "`messages`, the timeline from `tasks` and `updates`, the bar from `custom`, and the latency of every run so far.",
    use="to see what asking for several modes costs (almost nothing) and gives (a screen that explains itself).",
    avoid="as an excuse to show everything to everybody: pick what your reader needs.",
)
desk = open_desk("combined", GRAPHS, default="report", modes=MODES)
figures = FigureRow(st.container())
pacing = pick_pacing()
left, right = st.columns(2)
with left:
    st.subheader("Tokens", anchor=False)
    tokens = TokenPane(left.container(height=PANEL, key="token_pane", autoscroll=True), pacing=pacing)
with right:
    st.subheader("Timeline", anchor=False)
    timeline = Timeline(right.container(key="timeline", height=PANEL, border=True))
low_left, low_right = st.columns(2)
with low_left:
    st.subheader("Progress", anchor=False)
    progress = ProgressPanel(low_left.container(key="progress"), steps_height=PANEL)
with low_right:
    st.subheader("Graph", anchor=False)
    picture = GraphView(low_right, draw=drawer(GRAPHS[desk.shown.graph.name]))
st.subheader("Latency of this session's runs", anchor=False)
latency = st.container(key="latency").empty()
latency_charts(latency.container(), history())
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
desk.follow(progress, figures, timeline, picture, raw, tokens=tokens)
latency_charts(latency.container(), history())
show_code(desk.shown)
