"""Events: LangGraph's event APIs beside its stream modes."""

from dataclasses import replace

import streamlit as st

from components.apis import KindList, about, comparison
from components.desk import open_desk
from components.page import open_page, show_code
from components.raw import RawParts
from graphs import GRAPHS, TECHNIQUES
from streaming import APIS, MODES

OFFERED = {**GRAPHS, "research": TECHNIQUES["research"]}

open_page(
    "Event APIs",
    lead="LangGraph can also be read by events: `astream_events` v2 tells of every runnable, v3 wraps fewer channels "
    "in one envelope and adds typed projections. Run sends the same request through all four, one after the other. "
    "`stream_events` is v3 without `async`: the loop that reads it drives the graph.",
    use="v2 to look inside chains and tools that stream modes do not show; v3 to try what comes next.",
    avoid="v3 in production yet: it is in beta, and it stores messages in another form.",
)
desk = open_desk(
    "events",
    OFFERED,
    default="chat",
    modes=MODES,
    vary=lambda request: [replace(request, api=api) for api in APIS],
)
verdict = st.container(key="verdict")
lanes = {}
for row in (APIS[:2], APIS[2:]):
    for api, column in zip(row, st.columns(2), strict=True):
        with column:
            about(api)
            lanes[api] = KindList(column.container(key=f"kinds_{len(lanes)}"))
st.subheader("Raw events of v3", anchor=False)
raw = RawParts(st.container())
desk.follow_each([((view, raw) if api == "events v3" else (view,), None) for api, view in lanes.items()])
comparison(verdict, lanes, dict(zip(APIS, desk.runs, strict=False)))
chosen = st.segmented_control("Code for", APIS, default=APIS[0], key="code_for") or APIS[0]
show_code(replace(desk.shown, api=chosen))
