"""Async: why nodes should wait concurrently."""

from functools import partial

import streamlit as st

from components.features.async_comparison import ORDERS, pick_waits, verdict, what_blocks
from components.live.filtered_views import FinalText
from components.live.metrics_row import MetricsRow
from components.live.timeline import Axis, Timeline
from components.live.tokens import TokenPane
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import TECHNIQUES
from graphs.collections import COLLECTIONS
from streaming.analysis.loop_blocking import measure_blocking
from streaming.core.events import Mode
from streaming.projections.custom_spans import CustomSpans
from streaming.rendering.flush import FlushStrategy

MODES: tuple[Mode, ...] = ("custom", "messages", "updates")
RETRIEVAL = {"retrieval": TECHNIQUES["retrieval"]}
SMALL_WAITS = {"extra_ms": dict.fromkeys(COLLECTIONS, 200)}

open_page(
    "Async",
    modes=MODES,
    lead="A search waits for another machine's disk or network. Three searches that wait one after the other take the "
    "sum of their times; with `asyncio.gather` they take the longest. Run does both for real, one run after the other.",
    use="wherever a node asks more than one thing that does not depend on the others.",
    avoid="for work that computes: an async node that computes blocks the loop as a sync one does.",
)
vary = pick_waits(COLLECTIONS)
panel = open_run_panel("async", RETRIEVAL, default="retrieval", modes=MODES, vary=vary)
lanes, axis = {}, Axis()
for order, column in zip(ORDERS, st.columns(2), strict=True):
    column.subheader(ORDERS[order], anchor=False)
    figures = MetricsRow(column, key=f"figures_{order}", compact=True)
    timeline = Timeline(column.container(key=f"timeline_{order}"), lanes=("messages",), spans=CustomSpans(), axis=axis)
    pane = TokenPane(column.container(key=f"answer_{order}"), flush=FlushStrategy(), named=False)
    note = FinalText(column.container(key=f"note_{order}"), field="note")
    lanes[order] = (timeline, figures, note), pane
result = st.container(key="result")
panel.draw_each_until_end(list(lanes.values()))
verdict(result, {order: views[0] for order, (views, _) in lanes.items()})
what_blocks(partial(measure_blocking, RETRIEVAL["retrieval"], "What is a checkpoint?", SMALL_WAITS))
show_code(panel.runs[-1].request if panel.runs else vary(panel.request)[-1])
