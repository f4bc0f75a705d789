"""The controls of a race as they were: when one comes to its page again, or goes back to lanes that ran."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from components.features.race.held_preset import take_preset
from components.features.race.lane_names import method_of, offered_model_of
from components.shell.keys import EVERY_MS, EVERY_TOKENS, RACE_PROMPT
from components.shell.session import arrived, recall
from components.shell.session_commands import store_value
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.rendering.flush import FlushStrategy

LANE_COUNT, MAX_LANES = "lane_count", 4
_KEYS = ("how", "model", "graph", "flush")
_NUMBERS = (EVERY_TOKENS, EVERY_MS)
_LOST = "race.lost_lanes"


def restore_lanes(runs: Sequence[Run], *, graphs: Collection[str]) -> dict[str, Any]:
    """Set the controls of all lanes before they are drawn, and return the values that they must have then.

    These are the values that they had when the page was left, or else those of its runs; none if the URL holds a lane,
    or if a run is of what the controls do not offer.
    """
    keys = [LANE_COUNT, *(f"{key}_{number}" for key in (*_KEYS, *_NUMBERS) for number in range(1, MAX_LANES + 1))]
    if lost := recall(_LOST):
        store_value(_LOST, None)
        st.session_state.update(lost)
    elif not arrived():
        return {}
    elif any(key in st.query_params for key in keys):
        # A link sets all lanes: what it does not name are first values, and not those of an earlier visit.
        for key in keys:
            st.session_state.pop(key, None)
    else:
        kept = {key: st.session_state[key] for key in keys if key in st.session_state}
        if kept:
            return kept
        of_runs = _lanes_of([run.request for run in runs], graphs)
        st.session_state.update(of_runs)
        return of_runs
    return {}


def insist_on(values: Mapping[str, Any]) -> None:
    """Draw the page again if its controls, which are drawn, have other values: *Back* gives them their first ones."""
    if any(st.session_state.get(key) != value for key, value in values.items()):
        store_value(_LOST, dict(values))
        st.rerun()


def tell_of_other_lanes(
    sentence: str, requests: Sequence[RunRequest], *, label: str, key: str, graphs: Collection[str]
) -> None:
    """Say that something was done with these lanes instead, and offer them if the controls can bring them back."""
    values = _lanes_of(requests, graphs)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(sentence, width="content")
        if values:
            st.button(
                label,
                type="tertiary",
                icon=":material/undo:",
                key=key,
                on_click=take_preset,
                args=({**values, RACE_PROMPT: requests[0].prompt},),
            )


def _lanes_of(requests: Sequence[RunRequest], graphs: Collection[str]) -> dict[str, Any]:
    """The values of all controls that make these requests; none where they do not offer what a request was."""
    if not 1 < len(requests) <= MAX_LANES:
        return {}
    values: dict[str, Any] = {LANE_COUNT: len(requests)}
    for number, request in enumerate(requests, 1):
        lane = _lane(request, graphs)
        values |= {f"{key}_{number}": value for key, value in zip(_KEYS, lane, strict=True)}
        values |= {f"{key}_{number}": n for key, n in _n_of(request).items()}
    return {} if None in values.values() else values


def _n_of(request: RunRequest) -> dict[str, int]:
    """The number of its flush strategy by the name of its field; empty for a strategy without one."""
    drawn = FlushStrategy.from_labels(request.labels)
    return {name: getattr(drawn, name) for name in _NUMBERS if drawn is not None and name in drawn.labels}


def _lane(request: RunRequest, graphs: Collection[str]) -> tuple[str | None, ...]:
    """The values of a lane's controls in the order of `_KEYS`; `None` where they do not offer the run's."""
    graph = request.graph.name if request.graph.name in graphs else None
    drawn = FlushStrategy.from_labels(request.labels)
    return method_of(request), offered_model_of(request), graph, drawn.flush if drawn else None
