"""Lanes: one run, seven stream modes."""

import streamlit as st

from components.features.mode_lanes import pick_modes, what_each_was_good_for
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS
from streaming.core.events import MODES

STAGE, RAW = 425, 340

open_page(
    "Lanes",
    lead="One run, seven modes: each part travels from its node into the lane of its mode.",
    why="LangGraph can stream one run in seven modes at the same time. Here they run side by side: what a node does "
    "appears in some lanes and not in others, sooner in some and later in others, and weighs more in some than in "
    "others. Switch lanes off to see what your screen would lose; Space pauses the picture while the run goes on.",
    use="to answer the first question about streaming: which mode do I need?",
    avoid="as a pattern for your own program: ask for the modes that your screen shows, and no others.",
)
controls = st.container()
heading = panel_heading("What each mode sends")
with heading:
    modes = pick_modes()
off = [mode for mode in MODES if mode not in modes]
with controls:
    panel = open_run_panel("lanes", GRAPHS, default="report", modes=MODES, drawn_ahead=True)
panel.play(
    "mode_lanes",
    key="mode_lanes",
    min_height=STAGE,
    settings={"modes": MODES, "off": off, "pausable": True, **panel.drawing},
)
summary = st.container(key="summary")
panel.show_raw(height=RAW, modes=modes)
panel.draw_end()
what_each_was_good_for(summary, panel.ended_events, modes)
panel.show_code()
