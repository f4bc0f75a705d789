"""Events: LangGraph's event APIs beside its stream modes."""

from dataclasses import replace

import streamlit as st

from components.features.event_api_comparison import describe_api, link_to_comparison, show_event_api_comparison
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, show_code
from graphs import GRAPHS, TECHNIQUES
from streaming.core.events import MODES
from streaming.core.request import APIS
from streaming.remote_graphs.sources import RemoteGraphSource

OFFERED = {**GRAPHS, "research": TECHNIQUES["research"]}
# Pixels.
KINDS, RAW = 165, 340

open_page(
    "Event APIs",
    lead="One request through the stream modes and through the event APIs.",
    why="LangGraph can also be read by events: `astream_events` v2 reports every runnable, v3 wraps fewer channels "
    "in one envelope and adds typed projections. Run sends the same request through all four, one after the other. "
    "`stream_events` is v3 without `async`: the loop that reads it drives the graph.",
    use="as v2 to look inside chains and tools that stream modes do not show; as v3 to try what comes next.",
    avoid="in production as v3: it is in beta, and it stores messages in another form.",
)
panel = open_run_panel(
    "events",
    OFFERED,
    default="chat",
    modes=MODES,
    vary=lambda request: [replace(request, api=api) for api in APIS],
    figures=(),
)
if isinstance(panel.graph, RemoteGraphSource):
    st.caption(
        "A LangGraph Server streams by modes and not by event APIs: of this graph, only the stream modes can be shown."
    )
for first, row in ((0, APIS[:2]), (2, APIS[2:])):
    panel.play_side_by_side(
        ["status", {"panel": "kinds", "height": KINDS}],
        key=f"kinds_{first}",
        labels=row,
        which=slice(first, first + 2),
        min_height=KINDS,
    )
# Below both rows, so that each run is in sight while it streams.
link_to_comparison(panel.runs if panel.over else ())
for row in (APIS[:2], APIS[2:]):
    for api, column in zip(row, st.columns(2), strict=True):
        with column:
            describe_api(api)
verdict = st.container(key="verdict")
panel.show_raw(height=RAW, title="Raw events of v3", which=slice(2, 3))
panel.draw_end()
if panel.over:
    show_event_api_comparison(verdict, dict(zip(APIS, panel.runs, strict=False)))
chosen = st.segmented_control("Code for", APIS, default=APIS[0], required=True, key="code_for")
show_code(replace(panel.shown_code, api=chosen))
