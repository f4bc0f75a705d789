"""The full trace of a run, filterable."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import escape_markdown, format_bytes, format_seconds
from components.shell.modes import mode_badge
from streaming.core.events import Debug, LogEntry, Mode

_LIGHTER_MODES: tuple[tuple[str, Mode], ...] = (
    ("what each node changed", "updates"),
    ("when each node ran", "tasks"),
    ("what was saved", "checkpoints"),
    ("the state on screen", "values"),
)


class Trace(LiveView):
    """One line for each entry during the run; afterwards a filter and every payload."""

    pace_s = 0.1

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._controls = parent.container()
        self._slot = parent.empty()
        self._entries: list[tuple[LogEntry, Debug]] = []
        self._slot.caption(":material/play_circle: Press Run: the trace appears here.")

    def take(self, entry: LogEntry) -> bool:
        if not isinstance(entry.event, Debug):
            return False
        self._entries.append((entry, entry.event))
        return True

    def paint(self) -> None:
        self._slot.markdown("\n".join(f"- {_line(entry, event)}" for entry, event in self._entries[-20:]))

    def explore(self, *, key: str) -> None:
        """Replace the list by all entries, with filters by kind and step; each entry opens to its payload."""
        if not self._entries:
            return
        with self._controls:
            left, right = st.columns(2)
            kinds = sorted({event.type for _, event in self._entries})
            steps = sorted({event.step for _, event in self._entries})
            kind = left.pills("Kind", kinds, selection_mode="multi", key=f"{key}.kind")
            step = right.pills("Step", steps, selection_mode="multi", key=f"{key}.step")
        shown = [
            (entry, event)
            for entry, event in self._entries
            if (not kind or event.type in kind) and (not step or event.step in step)
        ]
        with self._slot.container(height=420, border=False, gap="xsmall"):
            for entry, event in shown:
                with st.expander(_line(entry, event)):
                    st.json(event.payload, expanded=1)


def lighter_modes() -> None:
    """List the modes that give one part of the trace for a fraction of the bytes."""
    st.markdown("**Need only a part of this?**")
    for content, mode in _LIGHTER_MODES:
        st.markdown(f"{content}: {mode_badge(mode)}")


def _line(entry: LogEntry, event: Debug) -> str:
    received = f"{format_seconds(entry.t)} · {format_bytes(entry.size)}"
    return f"**{escape_markdown(event.type)}** {escape_markdown(_subject(event))} · step {event.step} · {received}"


def _subject(event: Debug) -> str:
    """The task's node, or the nodes that run after a checkpoint."""
    match event.payload:
        case {"name": str(name)} if name:
            return name
        case {"next": [*nodes]} if nodes:
            return ", ".join(map(str, nodes))
        case _:
            return "end"
