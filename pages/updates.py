"""Updates: only what each node changed."""

import streamlit as st

from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.raw_parts import RawParts
from components.live.updates import UpdateList
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from graphs.diagram import drawer

open_page(
    "Updates",
    modes=("updates",),
    lead="Only what each node changed, as soon as the node has finished. Each event names its node, which makes this "
    "the natural feed for a timeline or an activity log.",
    use="to report what has been done: “searched, found five passages, wrote the answer”.",
    avoid="while a node is still busy (it is silent until it ends), or where the screen needs the whole state.",
)
panel = open_run_panel("updates", GRAPHS, default="rag", modes=("updates",))
figures = MetricsRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Timeline", anchor=False)
    updates = UpdateList(live.container(key="updates"))
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(GRAPHS[panel.shown.graph.name]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(updates, figures, picture, raw)
show_code(panel.shown)
