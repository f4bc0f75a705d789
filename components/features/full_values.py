"""Values that the live view shows in part: each as a whole, once the run has ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.shell.format import format_bytes, format_seconds
from components.shell.most_shown import MOST_CHARACTERS, at_most, beginning
from streaming.core.events import Debug, LogEntry
from streaming.live.previews import FIELD, json_text, preview
from streaming.projections.base import apply_all
from streaming.projections.state_history import StateHistory
from streaming.projections.trace import subject
from streaming.projections.updates import NodeUpdates


@dataclass(frozen=True, slots=True, kw_only=True)
class FullValue:
    """A value with the name by which it is chosen."""

    name: str
    value: Any


def pick_full_value(
    parent: DeltaGenerator, label: str, values: Sequence[FullValue], *, key: str, hidden: bool = True
) -> None:
    """A choice among these values, which shows one of them; without values it is `hidden`, or disabled."""
    if not values and hidden:
        return
    values = at_most(parent, values, "values")
    with parent:
        chosen = st.selectbox(
            label,
            range(len(values)),
            format_func=lambda index: values[index].name,
            index=None,
            key=key,
            disabled=not values,
        )
        if chosen is None:
            return
        match values[chosen].value:
            case str(text):
                st.text(beginning(text))
            case data:
                content = json_text(data)
                if len(content) > MOST_CHARACTERS:
                    st.text(beginning(content))
                else:
                    st.json(data, expanded=1)


def cut_state_fields(events: Iterable[LogEntry]) -> list[FullValue]:
    """The changed fields of each state of the outer graph that are too long for the live view."""
    return [
        FullValue(name=f"Superstep {snapshot.step}: {name}", value=snapshot.state[name])
        for snapshot in apply_all(StateHistory(), events).snapshots
        if not snapshot.ns
        for name in snapshot.changed
        if _is_cut(snapshot.state[name])
    ]


def cut_update_fields(events: Iterable[LogEntry]) -> list[FullValue]:
    """The fields of each update that are too long for the live view."""
    return [
        FullValue(name=f"{update.node} at {format_seconds(update.t)}: {name}", value=value)
        for update in apply_all(NodeUpdates(), events).updates
        if isinstance(update.delta, dict)
        for name, value in update.delta.items()
        if _is_cut(value)
    ]


def trace_payloads(entries: Iterable[tuple[LogEntry, Debug]]) -> list[FullValue]:
    """The payload of each of these entries of the trace."""
    return [
        FullValue(
            name=f"step {event.step} · {event.type} {subject(event)} · {format_seconds(entry.t)} · "
            f"{format_bytes(entry.size)}",
            value=event.payload,
        )
        for entry, event in entries
    ]


def _is_cut(value: Any) -> bool:
    return preview(value, FIELD) is not value
