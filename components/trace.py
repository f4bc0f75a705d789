"""The full trace of a run, filterable."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.modes import mode_badge
from components.text import plain, seconds, size
from components.view import View
from streaming import Mode, Stamped
from streaming.events import Debug

_LIGHTER: tuple[tuple[str, Mode], ...] = (
    ("what each node changed", "updates"),
    ("when each node ran", "tasks"),
    ("what was saved", "checkpoints"),
    ("the state on screen", "values"),
)


class Trace(View):
    """One line an entry while the run goes; afterwards a filter and the payloads."""

    pace_s = 0.1

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._controls = parent.container()
        self._slot = parent.empty()
        self._entries: list[tuple[Stamped, Debug]] = []
        self._slot.caption(":material/play_circle: Press Run: the trace will stand here.")

    def take(self, stamped: Stamped) -> bool:
        if not isinstance(stamped.event, Debug):
            return False
        self._entries.append((stamped, stamped.event))
        return True

    def paint(self) -> None:
        self._slot.markdown("\n".join(f"- {_line(stamped, entry)}" for stamped, entry in self._entries[-20:]))

    def explore(self, *, key: str) -> None:
        """Filters by kind and step, with every payload to open."""
        if not self._entries:
            return
        with self._controls:
            left, right = st.columns(2)
            kinds = sorted({entry.type for _, entry in self._entries})
            steps = sorted({entry.step for _, entry in self._entries})
            kind = left.pills("Kind", kinds, selection_mode="multi", key=f"{key}.kind")
            step = right.pills("Step", steps, selection_mode="multi", key=f"{key}.step")
        shown = [
            (stamped, entry)
            for stamped, entry in self._entries
            if (not kind or entry.type in kind) and (not step or entry.step in step)
        ]
        with self._slot.container(height=420, border=False, gap="xsmall"):
            for stamped, entry in shown:
                with st.expander(_line(stamped, entry)):
                    st.json(entry.payload, expanded=1)


def lighter_modes() -> None:
    """Which mode gives a part of the trace for a fraction of the bytes."""
    st.markdown("**Need only a part of this?**")
    for what, mode in _LIGHTER:
        st.markdown(f"{what}: {mode_badge(mode)}")


def _line(stamped: Stamped, entry: Debug) -> str:
    name = entry.payload.get("name") or ", ".join(entry.payload.get("next", ())) or "end"
    return f"**{entry.type}** {plain(name)} · step {entry.step} · {seconds(stamped.t)} · {size(stamped.size)}"
