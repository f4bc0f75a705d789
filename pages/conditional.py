"""Conditional: one run, and a different view for each reader."""

import streamlit as st

from components.features.event_api_comparison import KindList
from components.live.filtered_views import FilteredView, FinalText, SpokenText, TableView, pick_filter
from components.live.metrics_row import MetricsRow
from components.live.progress import ProgressPanel
from components.live.raw_parts import RawParts
from components.live.timeline import Timeline
from components.run_panel.panel import open_run_panel
from components.shell.page import open_page, show_code
from graphs import TECHNIQUES
from graphs.diagram import graphs_in, nodes_of
from streaming.analysis.event_filter import EventFilter
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("messages", "updates", "custom", "tasks")
TAGS = ("answer", "data", "draft")
OFFERED = {name: TECHNIQUES[name] for name in ("briefing", "research")}

open_page(
    "Conditional",
    modes=MODES,
    lead="One run, three screens. A phone on a train gets progress and the final answer; a reader gets tokens, a table "
    "that fills while its JSON is still being written, and progress; a developer gets everything. The filter sits "
    "between the log and the screen: node, tag, namespace, and `nostream` for what no reader should see.",
    use="whenever more than one kind of screen follows the same work.",
    avoid="as a filter in the browser: what was sent has been paid for, and can be read.",
)
panel = open_run_panel("conditional", OFFERED, default="briefing", modes=MODES)
graph = OFFERED[panel.shown.graph.name]
figures = MetricsRow(st.container())
reader_filter = pick_filter(nodes_of(graph), TAGS, graphs_in(graph))
phone, reader, developer = st.columns([1, 2, 2])
with phone:
    st.subheader("Phone", anchor=False)
    st.caption("`custom` and the final answer")
    views = [ProgressPanel(phone.container(key="phone_progress"), steps_height=150), FinalText(phone.container())]
    final_answer_only = EventFilter(kinds=frozenset({"custom", "updates"}), nodes=frozenset({nodes_of(graph)[-1]}))
    for_phone = FilteredView(final_answer_only, views, summary=phone.empty())
with reader:
    st.subheader("Reader", anchor=False)
    st.caption("`messages` through the filter above, and `custom`")
    views = [
        ProgressPanel(reader.container(key="reader_progress"), steps_height=150),
        TableView(reader.container(key="reader_table"), tag="data"),
        SpokenText(reader.container(key="reader_text"), data_tag="data"),
    ]
    for_reader = FilteredView(reader_filter, views, summary=reader.empty())
with developer:
    st.subheader("Developer", anchor=False)
    st.caption("every mode that this run requests")
    views = [Timeline(developer.container(key="timeline")), KindList(developer.container(key="kinds"))]
    for_developer = FilteredView(EventFilter(), views, summary=developer.empty())
    if graph is OFFERED["briefing"]:
        st.caption("Even the developer sees no tokens from `think`: its model is tagged `nostream`.")
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
panel.draw_until_end(for_reader, for_phone, for_developer, figures, raw)
show_code(panel.shown)
