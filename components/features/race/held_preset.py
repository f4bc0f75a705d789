"""The values of a preset, held until one opens the controls that they are for.

The browser draws what is in a closed popover when it opens. Until then it keeps the values that were chosen there
before, and sends them with the next click on anything: so the next click undid a preset.
"""

from collections.abc import Mapping

import streamlit as st

from components.shell.session import arrived, recall
from components.shell.session_commands import store_value

_HELD = "race.held_preset"


def take_preset(values: Mapping[str, str | int]) -> None:
    """Set the controls to these values, by their keys, and hold those of the lanes."""
    st.session_state.update(values)
    store_value(_HELD, {key: value for key, value in values.items() if _lane_of(key)})


def holds_preset() -> bool:
    """Whether a preset was taken on this visit of the page: then the script has to hear that a lane is opened."""
    return recall(_HELD) is not None


def hold_preset(lane: int, *, opened: bool) -> None:
    """Give this lane's controls the preset's values, before they are drawn; the last time when they are `opened`."""
    if arrived():
        store_value(_HELD, None)
    held: dict[str, str | int] = recall(_HELD) or {}
    of_lane = {key: value for key, value in held.items() if _lane_of(key) == str(lane)}
    st.session_state.update(of_lane)
    if opened and of_lane:
        store_value(_HELD, {key: value for key, value in held.items() if key not in of_lane})


def _lane_of(key: str) -> str:
    """The number at the end of a control's key; empty if it is of no lane."""
    number = key.rpartition("_")[2]
    return number if number.isdigit() else ""
