"""Parallel: several token streams at once."""

import streamlit as st

from components.features.parallel import branch_table, pick_order
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import GRAPHS

# Pixels, and spans in sight without scrolling.
BRANCHES, RAW, SPANS = 360, 340, 6
IDLE = "Press Run: each branch will write here, all at the same time."
IDEAS = {"ideas": GRAPHS["ideas"]}

open_page(
    "Parallel",
    modes=("messages", "tasks"),
    lead="Branches that run at the same time, each with its own text and clock.",
    why="Branches that run at the same time send their tokens mixed, as they arrive. Each token names its node, and "
    "the first one of a message names its task: that is enough to give every branch its own pane and its own clock.",
    use="when several drafts, searches or agents work side by side and people should see all of them move.",
    avoid="with one growing text for all branches: by arrival it is a word salad, as the switch below shows.",
)
panel = open_run_panel("parallel", IDEAS, default="ideas", modes=("messages", "tasks"))
with panel_heading("Branches"):
    order = pick_order()
with st.container(key="branches"):
    panel.play("branches", key="panes", settings={"order": order, "height": BRANCHES, "idle": IDLE})
live, side = st.columns([3, 2])
with live:
    st.subheader("Timeline", anchor=False)
    panel.play("timeline", key="timeline", settings={"lanes": ["messages"], "rows": SPANS})
with side:
    st.subheader("Graph", anchor=False)
    panel.show_diagram(key="diagram")
table = st.container()
panel.show_raw(height=RAW)
panel.draw_end()
branch_table(table, panel.shown_events)
panel.show_code()
