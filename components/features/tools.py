"""The tool calls of finished runs: a line for each in a conversation, and a table of their times."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.ended_run import bounded_events
from components.shell.format import escape_markdown, format_seconds, round_or_none, truncate
from components.shell.most_shown import at_most
from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.tool_calls import ToolCall, ToolCalls

_MOST_LINES = 100
"""Tool calls of one turn of a conversation."""


def call_summaries(run: Run) -> None:
    """The tool calls of a finished run, one line each."""
    calls = apply_all(ToolCalls(), bounded_events(run)).calls
    for call in at_most(st.container(), calls, "tool calls", most=_MOST_LINES):
        st.caption(f":material/build: {_head(call)} → {escape_markdown(truncate(str(call.result or '–'), 160))}")


def call_table(parent: DeltaGenerator, events: Sequence[LogEntry]) -> None:
    """A table of the calls: when each was written, when its tool started, and how long it ran."""
    calls = at_most(parent, apply_all(ToolCalls(), events).calls, "tool calls")
    if not calls:
        return
    parent.dataframe(
        {
            "tool": [call.tool for call in calls],
            "argument chunks": [call.pieces for call in calls],
            "first chunk (s)": [round(call.asked_at, 3) for call in calls],
            "tool started (s)": [round_or_none(call.started_at) for call in calls],
            "tool ran for": [format_seconds(call.seconds) for call in calls],
            "output chunks": [len(call.output) for call in calls],
            "state": [call.state for call in calls],
        },
        hide_index=True,
        alt="Times of each tool call",
    )


def _head(call: ToolCall) -> str:
    return f"**{escape_markdown(call.tool)}** {escape_markdown(truncate(call.arguments, 100))}"
