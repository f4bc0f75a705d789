"""Parallel branches: the order of their texts, and their figures."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import format_seconds, round_or_none
from components.shell.most_shown import at_most
from components.shell.url_state import pick_in_url
from streaming.core.events import LogEntry
from streaming.projections.base import apply_all
from streaming.projections.branches import Branches

Order = Literal["grouped by node", "by arrival"]
_CLOCK_S = 0.001
ORDERS: tuple[Order, ...] = ("grouped by node", "by arrival")
_SECONDS = st.column_config.NumberColumn(format="%.3f")


def pick_order() -> Order:
    """Choose between grouped and interleaved text; a change during the run keeps the run going."""
    return pick_in_url("Show the branches", ORDERS, key="order")


def _overlap(seconds: float) -> str:
    """For how long branches wrote at the same time: no time, where each begins its text after the end of another's."""
    if seconds < _CLOCK_S:
        return "No two branches were writing at the same time: each began its text when another had ended."
    return f"At least two branches were writing at the same time for {format_seconds(seconds)}."


def branch_table(parent: DeltaGenerator, events: Sequence[LogEntry]) -> None:
    """The branches' figures side by side; nothing without branches."""
    found = apply_all(Branches(), events)
    if not found.writing:
        return
    branches = at_most(parent, found.writing, "branches")
    parent.caption(_overlap(found.overlap_s))
    parent.dataframe(
        {
            "branch": [found.label(branch) for branch in branches],
            "started (s)": [round(branch.started_at, 3) for branch in branches],
            "first text after start (s)": [round_or_none(branch.first_text_after_s) for branch in branches],
            "chunks": [branch.chunks for branch in branches],
            "chunks/s": [round_or_none(branch.chunks_per_s, 1) for branch in branches],
            "ended (s)": [round_or_none(branch.ended_at) for branch in branches],
        },
        hide_index=True,
        column_config={
            **{name: _SECONDS for name in ("started (s)", "first text after start (s)", "ended (s)")},
            "chunks/s": st.column_config.NumberColumn(format="%.1f"),
        },
        alt="Figures of each branch",
    )
