"""A graph's state as fields: graphs may have a state that is a list, a number, a text or an object."""

from collections.abc import Mapping
from typing import Any

WHOLE_STATE = "state"
"""The name of the one field of a state that has no fields."""


def fields_of(state: Any) -> Mapping[str, Any]:
    """The fields of a state: its own if it is a mapping, none if there is no state yet, else one for all of it."""
    if isinstance(state, Mapping):
        return state
    return {} if state is None else {WHOLE_STATE: state}
