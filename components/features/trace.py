"""The full trace of a run, with a filter, and the lighter modes."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.features.full_values import pick_full_value, trace_payloads
from components.run_panel.panel import RunPanel
from components.shell.modes import mode_badge
from components.shell.most_shown import at_most
from components.shell.navigation import page_path
from streaming.core.events import Debug, Mode

_MOST_STEPS = 100

TYPES = ("checkpoint", "task", "task_result")

_LIGHTER: tuple[tuple[str, Mode], ...] = (
    ("what each node changed", "updates"),
    ("when each node ran", "tasks"),
    ("what was saved", "checkpoints"),
    ("the state on screen", "values"),
)


def filtered_trace(parent: DeltaGenerator, panel: RunPanel, *, height: int) -> None:
    """The trace as it grows, of the chosen types and steps; the steps are known when the run has ended."""
    entries = [(entry, entry.event) for entry in panel.shown_events if isinstance(entry.event, Debug)]
    with parent:
        left, right = st.columns(2)
        types = left.pills("Type", TYPES, selection_mode="multi", key="trace_filter.kind")
        steps = sorted({event.step for _, event in entries})
        if steps:
            shown_steps = at_most(right, steps, "steps", most=_MOST_STEPS)
            chosen = right.pills("Step", shown_steps, selection_mode="multi", key="trace_filter.step")
        else:
            # Keeps the row's height until the steps are known.
            right.pills("Step", ["–"], selection_mode="multi", disabled=True, key="trace_filter.no_step")
            chosen = []
        chosen = [step for step in chosen if step in steps]
        settings: dict[str, Any] = {"height": height, "types": types or None, "steps": chosen or None}
        panel.play("trace", key="trace", min_height=height, settings=settings)
    shown = [
        (entry, event)
        for entry, event in entries
        if (not types or event.type in types) and (not chosen or event.step in chosen)
    ]
    run_id = panel.run.id if panel.run else ""
    payloads = trace_payloads(shown)
    pick_full_value(parent, "Whole payload of an entry", payloads, key=f"payload.{run_id}", hidden=False)


def lighter_modes() -> None:
    """Which mode gives a part of the trace for a fraction of the bytes."""
    st.markdown("**Need only a part of this?**")
    for what, mode in _LIGHTER:
        st.page_link(page_path(mode), label=f"{what}: {mode_badge(mode)}", icon=":material/arrow_forward:")
