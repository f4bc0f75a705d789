"""Debug: the full trace."""

import streamlit as st

from components.live.diagram import DiagramView
from components.live.metrics_row import MetricsRow
from components.live.raw_parts import RawParts
from components.live.trace import Trace, lighter_modes
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS
from graphs.diagram import drawer

open_page(
    "Debug",
    modes=("debug",),
    lead="Everything at once: checkpoints, tasks and task results, each with its step and the only wall-clock "
    "timestamps of any mode. It is what you read when you do not understand a graph.",
    use="to find out why a node ran, with which input, in which order.",
    avoid="in production: it sends the state again and again. The list below names a lighter mode for each need.",
)
panel = open_run_panel("debug", GRAPHS, default="joke", modes=("debug",))
figures = MetricsRow(st.container())
live, side = st.columns([3, 2])
with live:
    st.subheader("Trace", anchor=False)
    trace = Trace(live.container(key="trace"))
with side:
    st.subheader("Graph", anchor=False)
    picture = DiagramView(side, draw=drawer(GRAPHS[panel.shown.graph.name]))
    lighter_modes()
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(trace, figures, picture, raw)
trace.explore(key="trace_filter")
show_code(panel.shown)
