"""Combined: one run, four panels."""

import streamlit as st

from components.charts.latency import latency_charts
from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.progress import ProgressPanel
from components.live.raw_parts import RawParts
from components.live.timeline import Timeline
from components.live.tokens import TokenPane
from components.run_panel.controls import pick_flush_strategy
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from components.shell.session import past_runs
from graphs import GRAPHS
from graphs.diagram import drawer
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("updates", "messages", "custom", "tasks")
# Pixels: what moves during a run fits on one screen.
HEAD, TOKENS, TIMELINE, STEPS = 44, 400, 222, 74

open_page(
    "Combined",
    modes=MODES,
    lead="A finished product rarely shows one mode. One run feeds four panels: tokens (`messages`), timeline (`tasks`, "
    "`updates`), progress (`custom`), latency.",
    use="to see what several modes cost (almost nothing) and give.",
    avoid="as an excuse to show everything to everybody: pick what your reader needs.",
)
controls, head = st.container(), st.container()
left, right = st.columns(2)
with left:
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", height=HEAD, border=False
    ):
        st.subheader("Tokens", anchor=False, width="content")
        flush = pick_flush_strategy(labelled=False)
    tokens = TokenPane(left.container(height=TOKENS, key="token_pane", autoscroll=True), pacing=flush)
with controls:
    panel = open_run_panel("combined", GRAPHS, default="report", modes=MODES, flush=flush)
figures = MetricsRow(head)
with right:
    with st.container(vertical_alignment="center", height=HEAD, border=False):
        st.subheader("Timeline", anchor=False)
    timeline = Timeline(right.container(key="timeline", height=TIMELINE, border=True))
    st.subheader("Progress", anchor=False)
    progress = ProgressPanel(right.container(key="progress"), steps_height=STEPS)
st.subheader("Latency of this session's runs", anchor=False)
latency = st.container(key="latency").empty()
latency_charts(latency.container(), past_runs())
low_left, low_right = st.columns(2)
with low_left:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(low_left, draw=drawer(GRAPHS[panel.shown.graph.name]))
with low_right:
    st.subheader("Raw parts", anchor=False)
    raw = RawParts(st.container())
panel.draw_until_end(progress, figures, timeline, picture, raw, tokens=tokens)
latency_charts(latency.container(), past_runs())
show_code(panel.shown)
