"""Several readers of one run, each with their own filter."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.live.live_view import LiveView
from components.live.tokens import TextSlot
from components.shell.format import escape_markdown, format_bytes
from components.shell.keys import NODES, TAGS
from streaming.analysis.event_filter import EventFilter
from streaming.core.events import LogEntry, Updates
from streaming.projections.json_table import JsonTable
from streaming.projections.messages import Messages
from streaming.rendering.markdown_safety import safe_markdown

_TABLE_IDLE = "The table appears here and fills cell by cell, while its JSON is still incomplete."
_TEXT_IDLE = "The text appears here, token by token."


class FilteredView(LiveView):
    """Views behind one reader's filter, and a caption with the share of the run that this reader gets."""

    pace_s = 0.0

    def __init__(self, event_filter: EventFilter, views: Sequence[LiveView], *, summary: DeltaGenerator) -> None:
        super().__init__()
        self._filter = event_filter
        self._views = views
        self._summary = summary
        self._events = self._bytes = 0
        self._all_events = self._all_bytes = 0
        self._summary.caption("Nothing sent yet.")

    def take(self, entry: LogEntry) -> bool:
        self._all_events += entry.size > 0
        self._all_bytes += entry.size
        if not self._filter.admits(entry):
            return False
        self._events += entry.size > 0
        self._bytes += entry.size
        for view in self._views:
            view.apply([entry])
        return True

    def paint(self) -> None:
        for view in self._views:
            view.paint_if_due()

    def finish(self) -> None:
        for view in self._views:
            view.finish()
        if self._all_bytes:
            share = f"{self._bytes / self._all_bytes:.0%}"
            self._summary.caption(
                f"Sent: **{self._events:,}** of {self._all_events:,} events, **{format_bytes(self._bytes)}** of "
                f"{format_bytes(self._all_bytes)} ({share})."
            )


class TableView(LiveView):
    """A table that fills up while the model is still writing its JSON."""

    pace_s = 0.1

    def __init__(self, parent: DeltaGenerator, *, tag: str) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._table = JsonTable(tag=tag)
        self._slot.caption(_TABLE_IDLE)

    def take(self, entry: LogEntry) -> bool:
        before = self._table.changes
        self._table.apply(entry)
        return self._table.changes != before

    def paint(self) -> None:
        rows = self._table.rows
        if not rows:
            # The rows were dropped; the model writes them again.
            self._slot.caption(_TABLE_IDLE)
            return
        columns = list(dict.fromkeys(name for row in rows for name in row))
        self._slot.table(
            {escape_markdown(name): [escape_markdown(row.get(name, "")) for row in rows] for name in columns}
        )


class SpokenText(LiveView):
    """Growing texts for a reader; messages tagged as data belong to the table and are left out."""

    pace_s = 0.03

    def __init__(self, parent: DeltaGenerator, *, data_tag: str) -> None:
        super().__init__()
        self._idle = parent.empty()
        self._box = parent.container()
        self._slots: dict[str, TextSlot] = {}
        self._messages = Messages()
        self._data_tag = data_tag
        self._idle.caption(_TEXT_IDLE)

    def take(self, entry: LogEntry) -> bool:
        self._messages.apply(entry)
        return entry.event.kind in ("messages", "attempt")

    def paint(self) -> None:
        spoken = {m.message_id: m for m in self._messages.answers() if self._data_tag not in m.tags}
        for message_id in self._slots.keys() - spoken.keys():
            self._slots.pop(message_id).drop()
        if not spoken:
            self._idle.caption(_TEXT_IDLE)
        for message_id, message in spoken.items():
            if message_id not in self._slots:
                self._idle.empty()
                self._slots[message_id] = TextSlot(self._box, message)
            if self._slots[message_id].behind:
                self._slots[message_id].paint()

    def finish(self) -> None:
        super().finish()
        for slot in self._slots.values():
            slot.finish()


class FinalText(LiveView):
    """The latest texts of a node's result, drawn whole; with `field` only that field of the state."""

    pace_s = 0.0

    def __init__(self, parent: DeltaGenerator, *, field: str | None = None) -> None:
        super().__init__()
        self._slot = parent.empty()
        self._texts: list[str] = []
        self._field = field
        if field is None:
            self._slot.caption("The whole answer appears here at the end.")

    def take(self, entry: LogEntry) -> bool:
        if not isinstance(entry.event, Updates):
            return False
        deltas = [delta for delta in entry.event.deltas.values() if isinstance(delta, dict)]
        self._texts = [
            value
            for delta in deltas
            for name, value in delta.items()
            if isinstance(value, str) and value and self._field in (None, name)
        ]
        return bool(self._texts)

    def paint(self) -> None:
        self._slot.markdown(safe_markdown("\n\n".join(self._texts)))


def pick_filter(nodes: Sequence[str], tags: Sequence[str], graphs: Sequence[tuple[str, ...]]) -> EventFilter:
    """The controls of a reader's filter: nodes, tags and, where there are several, graphs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        selected_nodes = st.pills(
            "Nodes",
            nodes,
            selection_mode="multi",
            key=NODES,
            bind="query-params",
            help="Choose none to see all nodes. A node that is a graph includes everything in it.",
        )
        selected_tags = st.pills(
            "Tags",
            tags,
            selection_mode="multi",
            default=list(tags),
            key=TAGS,
            bind="query-params",
            help="Choose none to see no tokens.",
        )
        selected_graphs = _pick_namespaces(graphs) if len(graphs) > 1 else []
    return EventFilter(
        kinds=frozenset({"messages", "custom"}),
        nodes=frozenset(selected_nodes) or None,
        tags=frozenset(selected_tags),
        graphs=frozenset(selected_graphs) or None,
    )


def _pick_namespaces(graphs: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    named = {" › ".join(path) or "(graph)": path for path in graphs}
    chosen = st.pills(
        "Namespaces",
        list(named),
        selection_mode="multi",
        key="namespaces",
        bind="query-params",
        help="Choose none to see all graphs. Each inner graph has its own namespace; *(graph)* is the outer one.",
    )
    return [named[name] for name in chosen]
