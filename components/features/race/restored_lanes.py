"""The controls of a race when one comes to its page: from another page, by *Back*, or by a link with runs alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from components.shell.session import arrived, recall
from components.shell.session_commands import store_value
from streaming.core.events import Mode
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.rendering.flush import FlushStrategy

LANE_COUNT = "lane_count"
_KEYS = ("how", "model", "graph", "flush")
_LOST = "race.lost_lanes"


def restore_lanes(
    runs: Sequence[Run],
    *,
    graphs: Collection[str],
    models: Mapping[str, ModelSpec],
    methods: Mapping[str, tuple[Mode, ...]],
    most: int,
) -> dict[str, Any]:
    """Set the controls of all lanes before they are drawn, and return the values that they must have then.

    These are the values that they had when the page was left, or else those of its runs; none if the URL holds a lane,
    or if a run is of what the controls do not offer. `methods` are the stream modes of a lane by the method's name.
    """
    keys = [LANE_COUNT, *(f"{key}_{number}" for key in _KEYS for number in range(1, most + 1))]
    if lost := recall(_LOST):
        store_value(_LOST, None)
        st.session_state.update(lost)
    elif arrived() and runs and not any(key in st.query_params for key in keys):
        kept = {key: st.session_state[key] for key in keys if key in st.session_state}
        if kept:
            return kept
        if 1 < len(runs) <= most:
            of_runs = _values(runs, graphs, models, methods)
            st.session_state.update(of_runs)
            return of_runs
    return {}


def insist_on(values: Mapping[str, Any]) -> None:
    """Draw the page again if its controls, which are drawn, have other values: *Back* gives them their first ones."""
    if any(st.session_state.get(key) != value for key, value in values.items()):
        store_value(_LOST, dict(values))
        st.rerun()


def _values(
    runs: Sequence[Run],
    graphs: Collection[str],
    models: Mapping[str, ModelSpec],
    methods: Mapping[str, tuple[Mode, ...]],
) -> dict[str, Any]:
    """The values of all controls; none where they do not offer what a run was."""
    values: dict[str, Any] = {LANE_COUNT: len(runs)}
    for number, run in enumerate(runs, 1):
        lane = _lane(run.request, graphs, models, methods)
        values |= {f"{key}_{number}": value for key, value in zip(_KEYS, lane, strict=True)}
    return {} if None in values.values() else values


def _lane(
    request: RunRequest,
    graphs: Collection[str],
    models: Mapping[str, ModelSpec],
    methods: Mapping[str, tuple[Mode, ...]],
) -> tuple[str | None, ...]:
    """The values of a lane's controls in the order of `_KEYS`; `None` where they do not offer the run's."""
    how = next((name for name, modes in methods.items() if modes == request.modes), None)
    # The server's policy may have lowered the limit of tokens.
    asked = replace(request.model, max_tokens=None)
    model = next((name for name, spec in models.items() if replace(spec, max_tokens=None) == asked), None)
    graph = request.graph.name if request.graph.name in graphs else None
    drawn = FlushStrategy.from_labels(request.labels)
    return "blocking (invoke)" if request.api == "invoke" else how, model, graph, drawn.flush if drawn else None
