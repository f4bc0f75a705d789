"""Tool calls as cards: the arguments while they are written, the running tool, its result."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.shell.format import escape_markdown, format_seconds, round_or_none, truncate
from streaming.core.events import LogEntry
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.progress import Progress
from streaming.projections.tool_calls import ToolCall, ToolCalls, ToolCallState

_BADGE: dict[ToolCallState, str] = {
    "being written": ":gray-badge[being written]",
    "called": ":blue-badge[running]",
    "finished": ":green-badge[finished]",
    "failed": ":red-badge[failed]",
    "unknown tool": ":red-badge[there is no such tool]",
    "waiting for a person": ":orange-badge[waits for a person]",
    "not run": ":gray-badge[not run]",
    "broken off": ":orange-badge[broken off]",
}


class CallCards(LiveView):
    """One card for each call, redrawn when it changes; one progress bar below them."""

    pace_s = 0.06

    def __init__(self, parent: DeltaGenerator) -> None:
        super().__init__()
        self._empty = parent.empty()
        self._box = parent.container()
        self._bar = parent.empty()
        self._slots: dict[str, DeltaGenerator] = {}
        self._drawn: dict[str, str] = {}
        self._calls = ToolCalls()
        self._progress = Progress()
        self._empty.caption(":material/play_circle: Press Run: each tool call appears here while the model writes it.")

    @property
    def calls(self) -> list[ToolCall]:
        """The calls so far, in order of their first chunk."""
        return self._calls.calls

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._calls.apply(entry)
        self._progress.apply(entry)
        return entry.event.kind in ("messages", "tools", "custom", "attempt", "ended")

    def paint(self) -> None:
        """Draw the picture as it is now."""
        for call_id in self._slots.keys() - {call.id for call in self.calls}:
            self._slots.pop(call_id).empty()
            self._drawn.pop(call_id, None)
        for call in self.calls:
            content = repr((call.arguments, call.state, call.result, len(call.output)))
            if self._drawn.get(call.id) == content:
                continue
            self._empty.empty()
            self._drawn[call.id] = content
            slot = self._slots.get(call.id) or self._slots.setdefault(call.id, self._box.empty())
            _card(slot, call)
        if self._progress.fraction is not None:
            self._bar.progress(self._progress.fraction, text=escape_markdown(self._progress.status or ""))


def call_summaries(run: Run) -> None:
    """The tool calls of a finished run, one line each."""
    for call in apply_all(ToolCalls(), run.events).calls:
        st.caption(f":material/build: {_head(call)} → {escape_markdown(truncate(str(call.result or '–'), 160))}")


def call_table(parent: DeltaGenerator, events: Sequence[LogEntry]) -> None:
    """A table of the calls: when each was written, when its tool started, and how long it ran."""
    calls = apply_all(ToolCalls(), events).calls
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


def _card(slot: DeltaGenerator, call: ToolCall) -> None:
    with slot.container(border=True, gap="xsmall"):
        st.markdown(f"**{escape_markdown(call.tool)}** {_BADGE[call.state]} :small[{format_seconds(call.seconds)}]")
        # Without syntax colours: those of JSON have too little contrast.
        st.code(call.arguments or "…", language=None, wrap_lines=True)
        if call.output:
            st.caption(escape_markdown(truncate("".join(str(piece) for piece in call.output[-12:]), 200)))
        if call.result is not None:
            st.text(truncate(str(call.result), 600))


def _head(call: ToolCall) -> str:
    return f"**{escape_markdown(call.tool)}** {escape_markdown(truncate(call.arguments, 100))}"
