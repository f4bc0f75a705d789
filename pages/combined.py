"""Combined: one run, four panels."""

import streamlit as st

from components.charts.latency import latency_charts, room_of
from components.features.session_runs import bring_back_runs, name_runs
from components.run_panel.controls import pick_flush_strategy
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from components.shell.session import past_runs
from graphs import GRAPHS
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("updates", "messages", "custom", "tasks")
# Pixels: what moves during a run fits on one screen.
TOKENS, ROWS, STEPS, RAW = 340, 4, 48, 340

open_page(
    "Combined",
    modes=MODES,
    lead="One run, four panels: tokens, timeline, progress, latency.",
    why="A finished product rarely shows one mode. One run feeds four panels: tokens (`messages`), timeline (`tasks`, "
    "`updates`), progress (`custom`), latency.",
    use="to see what combining modes costs (almost nothing) and gains.",
    avoid="as an excuse to show everything to everyone: pick what your reader needs.",
)
bring_back_runs()
controls = st.container()
left, right = st.columns(2)
with left:
    with panel_heading("Tokens"):
        flush = pick_flush_strategy(labelled=False)
    answer = st.container(key="beside_timeline").container(key="token_pane")
with controls:
    panel = open_run_panel(
        "combined", GRAPHS, default="report", modes=MODES, flush=flush, drawn_ahead=flush.flush == "direct"
    )
with answer:
    tokens = panel.open_token_pane(flush, height=TOKENS)
with right:
    panel_heading("Timeline")
    panel.play("timeline", key="timeline", settings={"lanes": MODES, "rows": ROWS})
    st.subheader("Progress", anchor=False)
    panel.play("progress", key="progress", settings={"height": STEPS})
st.subheader("Latency of this session's runs", anchor=False)
latency = st.container(key=room_of(past_runs(), shown=panel.run.id if panel.run else panel.next_run))
if tokens is not None:
    latency = latency.empty()
    latency_charts(latency.container(), past_runs())  # the script waits below for the end of the run
low_left, low_right = st.columns(2)
with low_left:
    st.subheader("Graph", anchor=False)
    panel.show_diagram(key="diagram", height=RAW)
with low_right:
    panel.show_raw(height=RAW)
panel.draw_end(tokens=tokens)
latency_charts(latency.container(), past_runs())
name_runs()
panel.show_code()
