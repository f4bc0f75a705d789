"""The state after a superstep, with the changed fields marked."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_markdown, format_bytes, format_seconds
from streaming.core.events import LogEntry
from streaming.projections.state_history import Snapshot, StateHistory


class StateView(LiveView):
    """The newest snapshot while the run streams; afterwards any of them."""

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._scrub = parent.container()
        self._slot = parent.empty()
        self._states = StateHistory()
        self._slot.caption(":material/play_circle: Press Run: the full state appears here after each superstep.")

    @property
    def snapshots(self) -> list[Snapshot]:
        """The states of the outer graph so far."""
        return [snapshot for snapshot in self._states.snapshots if not snapshot.ns]

    @property
    def controls(self) -> DeltaGenerator:
        """The container above the state, for the slider."""
        return self._scrub

    def take(self, entry: LogEntry) -> bool:
        self._states.apply(entry)
        return entry.event.kind == "values"

    def paint(self) -> None:
        if self.snapshots:
            self.show(self.snapshots[-1])

    def show(self, snapshot: Snapshot) -> None:
        """Draw one snapshot: the names of the changed fields, then all fields, each marked as changed or same."""
        box = self._slot.container()
        changed = ", ".join(map(code, snapshot.changed)) or "nothing"
        box.caption(
            f"Superstep {snapshot.step} · {format_seconds(snapshot.t)} · {format_bytes(snapshot.size)} · changed: "
            f"{changed}"
        )
        for name, value in snapshot.state.items():
            _field(box, name, value, changed=name in snapshot.changed)


def scrub_states(view: StateView, *, key: str) -> None:
    """A slider through the supersteps of a finished run; `key` must be unique to this run."""
    snapshots = view.snapshots
    if len(snapshots) < 2:
        return
    steps = [snapshot.step for snapshot in snapshots]
    with view.controls:
        step = st.select_slider("Superstep", steps, value=steps[-1], key=key)
    view.show(snapshots[steps.index(step)])


def _field(box: DeltaGenerator, name: str, value: Any, *, changed: bool) -> None:
    mark = ":green-badge[changed]" if changed else ":gray-badge[same]"
    with box.container(border=True):
        st.markdown(f"**{escape_markdown(name)}** {mark}")
        if isinstance(value, str):
            st.text(value or "(empty)")
        else:
            st.json(value, expanded=1)
