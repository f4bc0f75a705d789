"""One run in seven lanes: which modes are shown, and what each was good for in this run."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import format_bytes, format_seconds
from components.shell.modes import mode_badge
from streaming.analysis.mode_summary import ModeSummary, mode_summaries
from streaming.core.events import MODES, LogEntry, Mode


def pick_modes() -> list[Mode]:
    """The modes whose lanes are shown; the URL holds them."""
    chosen: list[Mode] = st.pills(
        "Modes",
        MODES,
        selection_mode="multi",
        default=list(MODES),
        key="modes",
        bind="query-params",
        label_visibility="collapsed",
    )
    return [mode for mode in MODES if mode in chosen]


def what_each_was_good_for(parent: DeltaGenerator, events: Sequence[LogEntry], shown: Sequence[Mode]) -> None:
    """After the end: a row for each mode of the run, and what is lost without the lanes that are switched off."""
    if not events:
        parent.caption("After the run: what each mode was good for, and what is lost without it.")
        return
    summaries = mode_summaries(events)
    off = [summary for summary in summaries if summary.mode not in shown and summary.events]
    with parent:
        if off:
            st.markdown(_lost(off))
        for summary in summaries:
            _row(summary, is_off=summary.mode not in shown)


def _row(summary: ModeSummary, *, is_off: bool) -> None:
    badge, figures, use = st.columns([2, 3, 9], vertical_alignment="center")
    badge.markdown(mode_badge(summary.mode) + (" off" if is_off else ""))
    if summary.events:
        first = format_seconds(summary.first_s)
        figures.caption(f"{summary.events:,} · {format_bytes(summary.bytes)} · from {first}")
    else:
        figures.caption("–")
    use.markdown(summary.use)


def _lost(off: Sequence[ModeSummary]) -> str:
    parts = [f"{mode_badge(one.mode)} {one.events:,} events, {format_bytes(one.bytes)}" for one in off]
    return f"Without the lanes that are off, the screen loses {' · '.join(parts)}."
