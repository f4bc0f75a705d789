"""The chain of checkpoints as cards."""

import json

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import code, escape_markdown, format_bytes, format_seconds, truncate
from components.shell.modes import mode_badge
from streaming.core.events import LogEntry
from streaming.projections.checkpoints import Checkpoints, SavedAt


class CheckpointList(LiveView):
    """One card for each checkpoint, drawn once."""

    pace_s = 0.0

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._empty = parent.empty()
        self._box = parent.container()
        self._checkpoints = Checkpoints()
        self._drawn = 0
        self._empty.caption(":material/play_circle: Press Run: each saved state appears here.")

    @property
    def saved(self) -> list[SavedAt]:
        """The checkpoints of the outer graph so far."""
        return self._checkpoints.root

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._checkpoints.apply(entry)
        return entry.event.kind == "checkpoints"

    def paint(self) -> None:
        """Draw the picture as it is now."""
        self._empty.empty()
        for saved in self.saved[self._drawn :]:
            _card(self._box, saved)
        self._drawn = len(self.saved)


def _card(box: DeltaGenerator, saved: SavedAt) -> None:
    point = saved.checkpoint
    after = ", ".join(map(code, point.next)) or "nothing: the end"
    with box.container(border=True, gap="xsmall"):
        st.markdown(
            f"{mode_badge('checkpoints')} **step {point.step}** ({escape_markdown(point.source)}), next: {after}"
        )
        st.caption(f"{code(point.checkpoint_id[-12:])} · {format_seconds(saved.t)} · {format_bytes(saved.size)}")
        st.text(truncate(json.dumps(point.values, ensure_ascii=False), 200))
