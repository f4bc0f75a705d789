"""Conditional: one run, and a different view for each reader."""

import streamlit as st

from components.features.conditional import final_text, panel_settings, pick_filter, share_line, show_share
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page, panel_heading
from graphs import TECHNIQUES
from streaming.analysis.event_filter import EventFilter
from streaming.core.events import Mode

MODES: tuple[Mode, ...] = ("messages", "updates", "custom", "tasks")
TAGS = ("answer", "data", "draft")
# Pixels.
STEPS, TABLE, TIMELINE, KINDS, RAW = 80, 190, 205, 270, 340
TABLE_IDLE = "The table appears here and fills cell by cell, while its JSON is still incomplete."
TEXT_IDLE = "The text appears here, token by token."
OFFERED = {name: TECHNIQUES[name] for name in ("briefing", "research")}

open_page(
    "Conditional",
    modes=MODES,
    lead="One run, three screens: a phone, a reader, a developer.",
    why="One run, three screens. A phone on a train gets progress and the final answer; a reader gets tokens, a table "
    "that fills while its JSON is still being written, and progress; a developer gets everything. The filter sits "
    "between the log and the screen: node, tag, namespace, and `nostream` for what no reader should see.",
    use="whenever more than one kind of screen follows the same work.",
    avoid="as a filter in the browser: what was sent has been paid for, and can be read.",
)
panel = open_run_panel("conditional", OFFERED, default="briefing", modes=MODES)
about = panel.description
phone, reader, developer = st.container(key="screens").columns([1, 2, 2])
with reader:
    reader_filter = pick_filter(about.node_names, TAGS if panel.graph in OFFERED.values() else (), about.subgraphs)
phone_filter = EventFilter(kinds=frozenset({"custom", "updates"}), nodes=frozenset(about.node_names[-1:]))
wanted = panel_settings(reader_filter)
with phone:
    panel_heading("Phone")
    st.caption("`custom` and the final answer")
    with st.container(key="phone_progress"):
        panel.play("progress", key="phone_steps", settings={"height": STEPS, "utc": False})
    answer, phone_share = st.container(key="phone_answer").empty(), share_line("phone")
with reader:
    st.caption("`messages` through this filter, and `custom`")
    with st.container(key="reader_progress"):
        panel.play("progress", key="reader_steps", settings={"height": STEPS, "utc": False, "graphs": wanted["graphs"]})
    with st.container(key="reader_table"):
        panel.play(
            "tables", key="reader_rows", min_height=TABLE, settings={"tag": "data", "idle": TABLE_IDLE, **wanted}
        )
    with st.container(key="reader_text"):
        text = {"height": None, "without": ["data"], "idle": TEXT_IDLE, **wanted}
        # The run's first text is that of the table.
        panel.play("tokens", key="reader_tokens", settings=text, counts_down=False)
    reader_share = share_line("reader")
with developer:
    panel_heading("Developer")
    st.caption("every mode that this run requests")
    panel.play("timeline", key="timeline", min_height=TIMELINE, settings={"lanes": MODES})
    panel.play("kinds", key="kinds", min_height=KINDS)
    developer_share = share_line("developer")
    if panel.graph is OFFERED["briefing"]:
        st.caption("Even the developer sees no tokens from `think`: its model is tagged `nostream`.")
panel.show_raw(height=RAW)
panel.draw_end()
final_text(answer, panel.shown_events, phone_filter)
show_share(phone_share, panel.ended_events, phone_filter)
show_share(reader_share, panel.ended_events, reader_filter)
show_share(developer_share, panel.ended_events, EventFilter())
panel.show_code()
