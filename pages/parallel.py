"""Parallel: several token streams at once."""

import streamlit as st

from components.live.branches import BranchPanes, branch_table, pick_order
from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.raw_parts import RawParts
from components.live.timeline import Timeline
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from graphs.diagram import drawer

IDEAS = {"ideas": GRAPHS["ideas"]}

open_page(
    "Parallel",
    modes=("messages", "tasks"),
    lead="Branches that run at the same time send their tokens mixed, as they arrive. Each token names its node, and "
    "the first one of a message names its task: that is enough to give every branch its own pane and its own clock.",
    use="when several drafts, searches or agents work side by side and people should see all of them move.",
    avoid="with one growing text for all branches: by arrival it is a word salad, as the switch below shows.",
)
panel = open_run_panel("parallel", IDEAS, default="ideas", modes=("messages", "tasks"))
figures = MetricsRow(st.container())
order = pick_order()
panes = BranchPanes(st.container(key="branches"), order=order)
table = st.container()
live, side = st.columns([3, 2])
with live:
    st.subheader("Timeline", anchor=False)
    spans = Timeline(live.container(key="timeline"), lanes=("messages",))
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(IDEAS["ideas"]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(panes, spans, figures, picture, raw)
branch_table(table, panes)
show_code(panel.shown)
