"""Faults: a provider that breaks on purpose, and the policy that recovers from it."""

import streamlit as st

from components.features.faults import all_faults, choose_fault, shown_fault
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page
from graphs import GRAPHS

# The number of model calls in a run of each graph.
CALLS = {"joke": 2, "chat": 1, "rag": 1}
# Pixels, and spans in sight: text and steps fit on a projector.
TOKENS, TIMELINE, STEPS, SPANS = 310, 136, 125, 3
IDLE = "Press Run: the steps appear here."

open_page(
    "Faults",
    lead="A provider that breaks on purpose, and the policy that deals with it.",
    why="A provider that breaks on purpose: a real server on this machine refuses, stalls, cuts and garbles as you "
    "choose, and the policy deals with it before your eyes. Nothing that was received is ever lost.",
    use="to decide what your users should see when the network fails, before it does.",
    avoid="as a load test: one fault at a time, on one machine.",
)
controls, fault_controls = st.container(), st.container()
with fault_controls:
    fault = choose_fault()
with controls:
    panel = open_run_panel(
        "faults",
        {name: GRAPHS[name] for name in CALLS},
        default="joke",
        modes=("messages", "updates", "tasks"),
        before_start=fault.before_start(CALLS.__getitem__),
        only_these="This page runs these graphs only: their model calls can be sent to a provider that breaks.",
    )
left, right = st.columns(2)
with left.container(key="token_pane"):
    panel.play("tokens", key="answer", settings={"height": TOKENS})
with right:
    panel.play("timeline", key="timeline", min_height=TIMELINE, settings={"lanes": ["messages"], "rows": SPANS})
    with st.container(key="steps"):
        st.markdown(f"**Step by step**{shown_fault(panel.run, fault)}")
        panel.play("faults", key="marks", settings={"height": STEPS, "whole": True, "idle": IDLE})
panel.draw_end()
with st.expander("All faults and their outcomes"):
    all_faults()
panel.show_code()
