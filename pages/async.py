"""Async: why nodes should wait concurrently."""

from functools import partial

import streamlit as st

from components.features.async_comparison import (
    ORDERS,
    added_waits_s,
    announce_verdict,
    pick_waits,
    verdict,
    what_blocks,
)
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading, show_code
from graphs import TECHNIQUES
from graphs.collections import COLLECTIONS
from streaming.analysis.loop_blocking import measure_blocking
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("custom", "messages", "updates")
RETRIEVAL = {"retrieval": TECHNIQUES["retrieval"]}
SMALL_WAITS = {"extra_ms": dict.fromkeys(COLLECTIONS, 200)}
ONLY_ITS_GRAPH = "This page runs its own graph: only that can do its searches in two orders."
# Pixels, and searches in sight: both halves fit on a projector.
ANSWER, HALVES, SEARCHES = 98, 338, len(COLLECTIONS)

open_page(
    "Async",
    modes=MODES,
    lead="Three searches: one after the other, or all at the same time.",
    why="A search waits for another machine's disk or network. Three searches that wait one after the other take the "
    "sum of their times; with `asyncio.gather` they take the longest. Run does both for real, at the same time.",
    use="wherever a node asks more than one thing that does not depend on the others.",
    avoid="for work that computes: an async node that computes blocks the loop as a sync one does.",
)
controls = st.container()
with panel_heading("The same searches, twice"):
    vary = pick_waits(COLLECTIONS)
with controls:
    panel = open_run_panel(
        "async",
        RETRIEVAL,
        default="retrieval",
        modes=MODES,
        vary=vary,
        together=True,
        figures=(),
        only_these=ONLY_ITS_GRAPH,
    )
headline = st.container(key="headline").empty()
with st.container(key="token_pane"):
    panel.play_side_by_side(
        [
            "status",
            "figures",
            {"panel": "timeline", "lanes": ["messages"], "spans": "own", "rows": SEARCHES},
            {"panel": "tokens", "height": ANSWER, "named": False},
        ],
        key="lanes",
        labels=list(ORDERS.values()),
        min_height=HALVES,
        waits_s=added_waits_s,
    )
result = st.container(key="result").empty()
announce_verdict(headline, result)
panel.draw_end()
if panel.over:
    verdict(headline, result, dict(zip(ORDERS, panel.runs, strict=False)))
what_blocks(partial(measure_blocking, RETRIEVAL["retrieval"], "What is a checkpoint?", SMALL_WAITS))
show_code(panel.runs[-1].request if panel.runs else vary(panel.request)[-1])
