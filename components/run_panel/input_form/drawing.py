"""Draws the inputs of a form or of raw JSON, and reads the value that they hold."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.input_form.conversation import messages_input
from components.run_panel.input_form.field_values import MISSING, key_of, label_of
from components.run_panel.input_form.fields import Field
from components.run_panel.input_form.single_inputs import single_input
from components.run_panel.input_form.table_inputs import list_input, table_input
from components.run_panel.input_form.uploads import file_input
from components.run_panel.offered_graph import FIRST_PROMPT
from components.shell.format import escape_markdown
from streaming.core.json_input import read_json

WHOLE_HEIGHT, _PART_HEIGHT = 240, 160
"""Pixels, of JSON for a whole value and for a part of one."""


def template(field: Field) -> Any:
    """A value to begin with: the defaults, and an empty value for each required part.

    Where nothing is required, as in the state of most graphs, it has the messages, or all texts.
    """
    if field.kind == "messages":
        return field.default or [{"type": "human", "content": FIRST_PROMPT}]
    if field.default is not None:
        return field.default
    if field.kind == "object":
        chosen = [part for part in field.children if part.required or part.default is not None]
        chosen = chosen or [part for part in field.children if part.kind == "messages"]
        chosen = chosen or [part for part in field.children if part.kind == "text" and not part.secret]
        return {part.name: template(part) for part in chosen}
    if field.nullable:
        return None
    if field.kind == "json" and (field.item or field.children):
        return template(field.item) if field.item else [template(part) for part in field.children]
    empty: Mapping[str, Any] = {"text": "", "file": "", "whole": 0, "number": 0.0, "switch": False, "json": {}}
    if field.kind == "choice":
        return field.options[0]
    return empty.get(field.kind, [])


def draw(field: Field, *, key: str, marks: dict[str, DeltaGenerator] | None = None) -> tuple[Any, list[str]]:
    """Draw one field; its value, `MISSING` if it is left out, and what is wrong with it.

    `marks` gets a place below each part of the form.
    """
    match field.kind:
        case "object":
            return _object(field, key=key, marks=marks)
        case "table":
            return table_input(field, key=key), []
        case "list":
            return list_input(field, key=key), []
        case "messages":
            return messages_input(field, key=key), []
        case "json":
            text = _start_of(field)
            return json_input(label_of(field), key=key, text=text, help_text=field.help, needed=field.required)
        case "file":
            return file_input(field, key=key), []
        case _:
            return single_input(field, key=key), []


def _object(field: Field, *, key: str, marks: dict[str, DeltaGenerator] | None) -> tuple[Any, list[str]]:
    if not field.name:
        return _parts(field, key=key, marks=marks)
    with st.expander(label_of(field), expanded=field.required):
        if field.help:
            st.caption(escape_markdown(field.help))
        if not field.required and not st.checkbox(
            "Send this part", field.sent, key=f"{key}.sent", persist_state="session"
        ):
            return MISSING, []
        return _parts(field, key=key)


def _parts(field: Field, *, key: str, marks: dict[str, DeltaGenerator] | None = None) -> tuple[Any, list[str]]:
    value: dict[str, Any] = {}
    troubles: list[str] = []
    for part in field.children:
        found, wrong = draw(part, key=f"{key}.{key_of(part.name)}")
        troubles += wrong
        if marks is not None:
            marks[part.name] = place = st.empty()
            # What is wrong in JSON begins with the label.
            marks.setdefault(label_of(part), place)
        if found is not MISSING:
            value[part.name] = found
    return value, troubles


def json_input(
    label: str, *, key: str, text: str, help_text: str = "", needed: bool = True, height: int = _PART_HEIGHT
) -> tuple[Any, list[str]]:
    """An input of JSON that begins with this text; its value, `MISSING` without a readable one, and what is wrong."""
    # What the session has set is no default.
    first = "" if key in st.session_state else text
    typed = st.text_area(label, first, key=key, height=height, help=help_text or None, persist_state="session")
    if not typed.strip():
        return MISSING, ["Type JSON, such as {}."] if needed else []
    value, trouble = read_json(typed)
    return (MISSING, [f"{label}: {trouble}"]) if trouble else (value, [])


def _start_of(field: Field) -> str:
    """The JSON with which a field begins: nothing where its type or default is not known and it may be left out."""
    not_known = field.anything or field.untold or field.left_out
    left_out = not field.required and field.default is None and not_known
    return "" if left_out else text_of(template(field))


def text_of(value: Any) -> str:
    """The value as JSON to read and to edit."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
