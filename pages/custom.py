"""Custom: progress that nodes and tools report themselves."""

import streamlit as st

from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.progress import ProgressPanel
from components.live.raw_parts import RawParts
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import WITH_PROGRESS
from graphs.diagram import drawer

open_page(
    "Custom",
    modes=("custom",),
    lead="Whatever a node or a tool writes through `get_stream_writer()`, at the moment it writes it: counts, a status "
    "line, a fraction. Only the node knows how far it is; this mode lets it say so.",
    use="for progress bars, status lines and partial data in the middle of a long node.",
    avoid="as a second way to send tokens or state: those have their own modes, which do the bookkeeping for you.",
)
panel = open_run_panel("custom", WITH_PROGRESS, default="report", modes=("custom",))
figures = MetricsRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Progress", anchor=False)
    progress = ProgressPanel(live.container(key="progress"))
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(WITH_PROGRESS[panel.shown.graph.name]))
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(progress, figures, picture, raw)
show_code(panel.shown)
