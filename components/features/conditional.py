"""Several readers of one run, each with their own filter: what each gets, and how much of the run that is."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import format_bytes
from components.shell.keys import NODES, TAGS
from components.shell.most_shown import beginning
from components.shell.page import panel_heading
from streaming.analysis.event_filter import EventFilter
from streaming.core.events import Ended, LogEntry, Updates, status_of
from streaming.projections.state_answer import answer_in
from streaming.rendering.markdown_safety import safe_markdown

_SEPARATOR = " › "


def panel_settings(event_filter: EventFilter) -> dict[str, Any]:
    """The filter as the player's panels take it: lists of names, and each graph as a path."""
    graphs = event_filter.graphs
    return {
        "nodes": _sorted(event_filter.nodes),
        "tags": _sorted(event_filter.tags),
        "graphs": None if graphs is None else sorted(_SEPARATOR.join(path) for path in graphs),
    }


def _sorted(names: frozenset[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def final_text(parent: DeltaGenerator, events: Sequence[LogEntry], event_filter: EventFilter) -> None:
    """The last result that the filter admits of an ended run, whole: for a reader who gets no tokens."""
    if not events:
        parent.caption("The whole answer will appear here at the end.")
        return
    texts: list[str] = []
    for entry in events:
        if isinstance(entry.event, Updates) and event_filter.admits(entry):
            texts = _texts(entry.event) or texts
    ended = events[-1].event
    if not texts and isinstance(ended, Ended) and ended.outcome != "completed":
        parent.caption(f"No answer: the run ended as {status_of(ended)}.")
    else:
        parent.markdown(safe_markdown(beginning("\n\n".join(texts))))


def _texts(update: Updates) -> list[str]:
    """The texts of an update; of one with messages the model's last one."""
    deltas = [delta for delta in update.deltas.values() if isinstance(delta, dict)]
    texts = [value for delta in deltas for value in delta.values() if isinstance(value, str) and value]
    return texts or [text for delta in deltas if (text := answer_in(delta, prompt=""))]


def share_line(reader: str) -> DeltaGenerator:
    """The place where `show_share` says it; in a narrow window it is beside the reader's heading."""
    return st.container(key=f"share_{reader}").empty()


def show_share(parent: DeltaGenerator, events: Sequence[LogEntry], event_filter: EventFilter) -> None:
    """How much of an ended run this reader gets."""
    if not events:
        parent.caption("Sent: counted at the end.")
        return
    sent = [entry.size for entry in events if entry.size > 0]
    admitted = [entry.size for entry in events if entry.size > 0 and event_filter.admits(entry)]
    if not sent:
        return
    parent.caption(
        f"Sent: **{len(admitted):,}** of {len(sent):,} events, **{format_bytes(sum(admitted))}** of "
        f"{format_bytes(sum(sent))} ({sum(admitted) / sum(sent):.0%})."
    )


def pick_filter(nodes: Sequence[str], tags: Sequence[str], subgraphs: Sequence[tuple[str, ...]]) -> EventFilter:
    """The heading of the reader's column with its filter: nodes, and tags and graphs where there are any to choose."""
    with panel_heading("Reader").popover("Filter", icon=":material/filter_alt:", key="reader_filter"):
        selected_nodes = st.pills(
            "Nodes",
            nodes,
            selection_mode="multi",
            key=NODES,
            bind="query-params",
            help="Choose none to see all nodes. A node that is a graph includes everything in it.",
        )
        selected_tags = _pick_tags(tags) if tags else []
        if not tags:
            st.caption("No tags to choose: those of this graph's models are known only while it runs.")
        selected_graphs = _pick_namespaces(subgraphs) if subgraphs else []
    return EventFilter(
        kinds=frozenset({"messages", "custom"}),
        nodes=frozenset(selected_nodes) or None,
        tags=frozenset(selected_tags) if tags else None,
        graphs=frozenset(selected_graphs) or None,
    )


def _pick_tags(tags: Sequence[str]) -> list[str]:
    return st.pills(
        "Tags",
        tags,
        selection_mode="multi",
        default=list(tags),
        key=TAGS,
        bind="query-params",
        help="Choose none to see no tokens.",
    )


def _pick_namespaces(subgraphs: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    named = {_SEPARATOR.join(path) or "(graph)": path for path in ((), *subgraphs)}
    chosen = st.pills(
        "Namespaces",
        list(named),
        selection_mode="multi",
        key="namespaces",
        bind="query-params",
        help="Choose none to see all graphs. Each inner graph has its own namespace; *(graph)* is the outer one.",
    )
    return [named[name] for name in chosen]
