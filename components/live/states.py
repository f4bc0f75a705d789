"""The state after a superstep, with the changed fields marked."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_markdown, format_bytes, format_seconds
from streaming.core.events import LogEntry
from streaming.projections.state_history import Snapshot, StateHistory


class StateView(LiveView):
    """The newest snapshot."""

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._states = StateHistory()
        self._slot.caption(":material/play_circle: Press Run: the full state appears here after each superstep.")

    @property
    def snapshots(self) -> list[Snapshot]:
        """The states of the outer graph so far."""
        return [snapshot for snapshot in self._states.snapshots if not snapshot.ns]

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._states.apply(entry)
        return entry.event.kind == "values"

    def paint(self) -> None:
        """Draw the picture as it is now."""
        if self.snapshots:
            self._show(self.snapshots[-1])

    def _show(self, snapshot: Snapshot) -> None:
        """Draw one snapshot: the names of the changed fields, then all fields, each marked as changed or same."""
        box = self._slot.container()
        changed = ", ".join(map(code, snapshot.changed)) or "nothing"
        box.caption(
            f"Superstep {snapshot.step} · {format_seconds(snapshot.t)} · {format_bytes(snapshot.size)} · changed: "
            f"{changed}"
        )
        for name, value in snapshot.state.items():
            _field(box, name, value, changed=name in snapshot.changed)


def _field(box: DeltaGenerator, name: str, value: Any, *, changed: bool) -> None:
    mark = ":green-badge[changed]" if changed else ":gray-badge[same]"
    with box.container(border=True):
        st.markdown(f"**{escape_markdown(name)}** {mark}")
        if isinstance(value, str):
            st.text(value or "(empty)")
        else:
            st.json(value, expanded=1)
