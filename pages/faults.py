"""Faults: a provider that breaks on purpose, and the recovery policy at work."""

import streamlit as st

from components.features.faults import Steps, all_faults, choose_fault
from components.live.metrics_row import MetricsRow
from components.live.timeline import Timeline
from components.live.tokens import TokenPane
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from streaming.rendering.flush import FlushStrategy

# The number of model calls in a run of each graph.
CALLS = {"joke": 2, "chat": 1, "rag": 1}

open_page(
    "Faults",
    lead="A provider that breaks on purpose: a real server on this machine refuses, stalls, cuts and garbles as you "
    "choose, and the policy deals with it before your eyes. Nothing that was received is ever lost.",
    use="to decide what your users should see when the network fails, before it does.",
    avoid="as a load test: one fault at a time, on one machine.",
)
choice = choose_fault()
panel = open_run_panel(
    "faults",
    {name: GRAPHS[name] for name in CALLS},
    default="joke",
    modes=("messages", "updates", "tasks"),
    prepare=choice.prepare(CALLS.__getitem__),
)
figures = MetricsRow(st.container())
left, right = st.columns(2)
pane = TokenPane(left.container(border=True, height=420, key="token_pane"), flush=FlushStrategy())
timeline = Timeline(right.container(border=True, key="timeline"), lanes=("messages",))
with right.container(border=True, key="steps"):
    st.markdown("**Step by step**")
    steps = Steps(st.container(), panel.run)
panel.draw_until_end(figures, timeline, steps, tokens=pane)
with st.expander("All faults and their outcomes"):
    all_faults()
show_code(panel.shown)
