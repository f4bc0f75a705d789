"""The updates of a run as a list that only grows."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_markdown, format_bytes, format_namespace, format_seconds
from components.shell.modes import mode_badge
from streaming.core.events import LogEntry
from streaming.projections.updates import NodeUpdate, NodeUpdates


class UpdateList(LiveView):
    """One card for each update, drawn once: the changed fields, the time and the size."""

    pace_s = 0.0

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._empty = parent.empty()
        self._box = parent.container()
        self._updates = NodeUpdates()
        self._drawn = 0
        self._empty.caption(":material/play_circle: Press Run: a card for each node's update appears here.")

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._updates.apply(entry)
        return len(self._updates.updates) > self._drawn

    def paint(self) -> None:
        """Draw the picture as it is now."""
        self._empty.empty()
        for update in self._updates.updates[self._drawn :]:
            _card(self._box, update)
        self._drawn = len(self._updates.updates)


def _card(box: DeltaGenerator, update: NodeUpdate) -> None:
    fields = ", ".join(map(code, update.fields)) or "nothing"
    where = escape_markdown(format_namespace(update.ns))
    with box.container(border=True, gap="xsmall"):
        st.markdown(
            f"{mode_badge('updates')} **{escape_markdown(update.node)}** changed {fields}"
            + (f" in {where}" if where else "")
            + (" :gray-badge[from the cache]" if update.cached else "")
        )
        st.caption(f"{format_seconds(update.t)} · {format_bytes(update.size)}")
        if update.delta:
            st.json(update.delta, expanded=False)
