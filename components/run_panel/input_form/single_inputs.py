"""Inputs of one value: a switch, a choice, a number or a text."""

from typing import Any

import streamlit as st

from components.run_panel.input_form.field_values import MISSING, label_of
from components.run_panel.input_form.fields import MAX_NUMBER, Field
from components.shell.session import recall
from components.shell.session_commands import store_value


def single_input(field: Field, *, key: str) -> Any:
    """The value that is chosen or typed; `MISSING` if it is left out."""
    label, hint = label_of(field), field.help or None
    if field.kind == "switch":
        return _switch(field, label, key=key)
    if field.kind == "choice":
        needed = field.required and not field.nullable
        index = field.options.index(field.default) if field.default in field.options else (0 if needed else None)
        chosen = st.selectbox(
            label, field.options, index=index, format_func=str, key=key, help=hint, persist_state="session"
        )
        return _or_left_out(chosen, field)
    if field.kind in ("whole", "number"):
        return _or_left_out(_number(field, label, key=key), field)
    first = str(field.default or "")
    text = (
        _secret(label, first, field, key=key)
        if field.secret
        else st.text_area(label, first, key=key, height=68, help=hint, persist_state="session")
    )
    return text if text or (field.required and not field.nullable) else _or_left_out(None, field)


def _secret(label: str, first: str, field: Field, *, key: str) -> str:
    return st.text_input(
        label,
        first,
        key=key,
        type="password",
        help=field.help or None,
        autocomplete="off",
        placeholder="Empty: the graph's own default is used" if field.untold else None,
        persist_state="session",
    )


def _switch(field: Field, label: str, *, key: str) -> Any:
    """A switch; left out until it is touched, where it may be."""
    touched = f"{key}.touched"
    on = st.toggle(
        label,
        bool(field.default),
        key=key,
        help=field.help or None,
        persist_state="session",
        on_change=store_value,
        args=(touched, True),
    )
    return MISSING if not (on or field.required or field.default is not None or recall(touched)) else on


def _number(field: Field, label: str, *, key: str) -> Any:
    """A number, or `None` while the field is empty."""
    kind: type[int] | type[float] = int if field.kind == "whole" else float
    bounds: dict[str, Any] = {
        name: None if bound is None else kind(bound)
        for name, bound in (("min_value", field.minimum), ("max_value", field.maximum), ("value", _first_number(field)))
    }
    return st.number_input(
        label,
        **bounds,
        step=kind(1),
        key=key,
        help=field.help or None,
        placeholder="a whole number" if kind is int else "a number",
        persist_state="session",
    )


def _first_number(field: Field) -> int | float | None:
    """The default, if it is a number between the bounds: the schema is the author's, and nobody has checked it."""
    value = field.default
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= MAX_NUMBER:
        return None
    low, high = field.minimum, field.maximum
    return value if (low is None or low <= value) and (high is None or value <= high) else None


def _or_left_out(value: Any, field: Field) -> Any:
    if value is not None:
        return value
    return None if field.required and field.nullable else MISSING
