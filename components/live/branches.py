"""Parallel branches on one screen: side by side, or as their tokens arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.live.tokens import TextSlot
from components.shell.format import count, escape_markdown, format_rate, format_seconds, round_or_none
from streaming.core.events import Attempt, LogEntry
from streaming.projections.base import apply_all
from streaming.projections.branches import Branch, Branches

Order = Literal["grouped by node", "by arrival"]
ORDERS: tuple[Order, ...] = ("grouped by node", "by arrival")

_PARAGRAPH_CHARS = 600
"""Characters of mark-up after which text in order of arrival continues in a new paragraph."""

_COLOURS = ("blue", "orange", "violet", "green", "red", "gray")


def pick_order() -> Order:
    """Choose between grouped and interleaved text; a change during the run keeps the run going."""
    chosen: Order | None = st.segmented_control(
        "Show the branches",
        ORDERS,
        default=ORDERS[0],
        key="order",
        bind="query-params",
        label_visibility="collapsed",
        width="content",
    )
    return chosen or ORDERS[0]


@dataclass(slots=True)
class _Pane:
    """The elements of one branch on the screen; `drawn` is the content that was drawn last."""

    outer: DeltaGenerator
    head: DeltaGenerator
    figures: DeltaGenerator
    text: TextSlot
    drawn: tuple[str, int, float | None] | None = None


def _open_pane(outer: DeltaGenerator, branch: Branch) -> _Pane:
    box = outer.container(border=True)
    return _Pane(outer, box.empty(), box.empty(), TextSlot(box, branch))


class BranchPanes(LiveView):
    """Every branch with its text, its time to first text and its chunk rate."""

    pace_s = 0.03

    def __init__(self, parent: DeltaGenerator, *, order: Order, columns: int = 3) -> None:
        super().__init__()
        self._parent = parent
        self._order = order
        self._empty = parent.empty()
        self._columns = parent.columns(columns) if order == ORDERS[0] else []
        self._arrival_outer = parent.empty()
        self._begin_arrival()
        self._panes: dict[str, _Pane] = {}
        self._painted = False
        self._branches = Branches()
        self._empty.caption(":material/play_circle: Press Run: the branches appear here and write at the same time.")

    @property
    def branches(self) -> list[Branch]:
        """The branches that have written text, in the order of their start."""
        return self._branches.writing

    def take(self, entry: LogEntry) -> bool:
        """Apply an entry; whether the picture changed."""
        self._branches.apply(entry)
        self._restarted |= isinstance(entry.event, Attempt) and bool(entry.event.dropped)
        return entry.event.kind in ("messages", "tasks", "attempt")

    def paint(self) -> None:
        """Draw the picture as it is now."""
        if not self.branches and not self._painted:
            return
        self._painted = True
        self._empty.empty()
        if self._order == "by arrival":
            self._paint_arrival()
            return
        self._clear_dropped()
        for position, branch in enumerate(self.branches):
            self._paint_one(position, branch)

    def finish(self) -> None:
        """Paint what was held back."""
        super().finish()
        for pane in self._panes.values():
            pane.text.finish()

    def _clear_dropped(self) -> None:
        """Remove the panes of branches whose text was dropped."""
        for task_id in self._panes.keys() - {branch.task_id for branch in self.branches}:
            self._panes.pop(task_id).outer.empty()

    def label(self, branch: Branch) -> str:
        """The branch's name: its node, with the input fields that differ from its siblings'."""
        return self._branches.label(branch)

    def _colour(self, branch: Branch) -> str:
        return _COLOURS[self.branches.index(branch) % len(_COLOURS)]

    def _badge(self, branch: Branch) -> str:
        return f":{self._colour(branch)}-badge[{escape_markdown(self.label(branch))}]"

    def _paint_one(self, position: int, branch: Branch) -> None:
        if branch.task_id not in self._panes:
            parent = self._columns[position] if position < len(self._columns) else self._parent
            self._panes[branch.task_id] = _open_pane(parent.empty(), branch)
        pane = self._panes[branch.task_id]
        content = (self._badge(branch), branch.chunks, branch.ended_at)
        if pane.drawn == content:
            return
        pane.drawn = content
        pane.head.markdown(self._badge(branch))
        pane.figures.caption(
            f"first text {format_seconds(branch.first_text_after_s)} after start · "
            f"{format_rate(branch.chunks_per_s)} · {count(branch.chunks, 'chunk')}"
        )
        if pane.text.behind:
            pane.text.paint()

    def _begin_arrival(self) -> None:
        self._arrival = self._arrival_outer.container()
        self._paragraph = self._arrival.empty()
        self._written = 0
        self._restarted = False

    def _paint_arrival(self) -> None:
        """Draw text in order of arrival; a full paragraph is drawn once, unless its text is dropped."""
        if self._restarted:
            self._begin_arrival()
        paragraph: list[str] = []
        segments = self._branches.segments
        for position, segment in enumerate(segments[self._written :], self._written):
            paragraph.append(f"{self._badge(segment.branch)} {escape_markdown(' '.join(segment.text.split()))}")
            # The last segment may still grow.
            if position < len(segments) - 1 and sum(map(len, paragraph)) > _PARAGRAPH_CHARS:
                self._paragraph.markdown(" ".join(paragraph))
                self._paragraph, self._written, paragraph = self._arrival.empty(), position + 1, []
        if paragraph:
            self._paragraph.markdown(" ".join(paragraph))


def branch_table(parent: DeltaGenerator, events: Sequence[LogEntry]) -> None:
    """The branches' figures side by side; nothing without branches."""
    found = apply_all(Branches(), events)
    branches = found.writing
    if not branches:
        return
    parent.caption(f"At least two branches were writing at the same time for {format_seconds(found.overlap_s)}.")
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
        alt="Figures of each branch",
    )
