"""Draws a form from fields, and reads its value: JSON that a graph takes as input, context or configurable values."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.input_form.conversation import messages_input
from components.run_panel.input_form.field_values import MISSING, key_of, label_of
from components.run_panel.input_form.fields import Field, Schema, field_of, holding
from components.run_panel.input_form.single_inputs import single_input
from components.run_panel.input_form.table_inputs import list_input, table_input
from components.run_panel.input_form.uploads import file_input
from components.run_panel.offered_graph import FIRST_PROMPT
from components.shell.format import escape_markdown
from streaming.core.graph_prompt import sure_prompt_field
from streaming.core.json_input import errors_of, read_json

_END_OF_NAME = re.compile(r"[.:\[]")
"""Ends the name of the field in a sentence about a part of it."""


def ask_for(
    schema: Schema,
    *,
    key: str,
    start: Any = None,
    optional: bool = True,
    example: str = "",
    drops_empty: bool = False,
    tells: bool = False,
) -> tuple[Any, list[str]]:
    """A form for the schema with raw JSON as the other choice; the value, and what is wrong with it.

    It begins with the value `start`, or without one with the text `example` in the field of the prompt.
    One that is not `optional` has at least one field. With `drops_empty` a text that is left empty counts as
    missing, and so does an empty list or object that may be left out: its default need not be in the schema. Raw JSON
    can hold empty ones. What is wrong is written below its field, unless the caller `tells` it.
    """
    marks: dict[str, DeltaGenerator] = {}
    plain = field_of(schema)
    field = _with_example(plain, sure_prompt_field(schema), example) if example and start is None else plain
    held = field if start is None else holding(field, start)
    choices = ["Form", "JSON"] if field.kind != "json" else ["JSON"]
    by = choices[0] if held is not None else "JSON"
    if len(choices) > 1:
        by = st.segmented_control(
            "Input by",
            choices,
            default=by,
            required=True,
            key=f"{key}.by",
            label_visibility="collapsed",
            persist_state="session",
        )
    # Widgets that are not drawn would lose what is typed; both remain in the session.
    value, trouble = (
        _draw(held or field, key=key, marks=marks)
        if by == "Form"
        else _json("JSON", key=f"{key}.raw", text=_text(start if start is not None else template(field)))
    )
    if drops_empty and by == "Form":
        value = _without_empty(field, value)
    if value is MISSING:
        value = {} if field.kind == "object" else None
    if value == {} and not optional:
        # LangGraph refuses an input of nothing.
        value = template(plain)
    wrong = trouble or errors_of(value, schema if not _has_messages(field) else {})
    if not tells:
        _mark(wrong, marks)
    return value, wrong


def _mark(wrong: list[str], marks: Mapping[str, DeltaGenerator]) -> None:
    """Write what is wrong below the field that it begins with, or below the form."""
    of_field: dict[str, list[str]] = {}
    for trouble in wrong:
        of_field.setdefault(_END_OF_NAME.split(trouble)[0], []).append(trouble)
    for name, troubles in of_field.items():
        place = marks[name] if name in marks else st.container()
        place.caption(f":orange[:material/edit: {escape_markdown(' '.join(troubles))}]")


def _with_example(field: Field, name: str | None, example: str) -> Field:
    """The same form, in which this text begins with the example, unless the schema has a default."""
    children = tuple(
        replace(part, default=example)
        if part.name == name and part.kind == "text" and part.default is None and not part.secret
        else part
        for part in field.children
    )
    return replace(field, children=children)


def empty_texts(schema: Schema, value: Any) -> list[str]:
    """The required texts that are empty, without which a node may fail."""
    return [name for name in schema.get("required") or () if isinstance(value, Mapping) and value.get(name) == ""]


def _without_empty(field: Field, value: Any) -> Any:
    if field.kind != "object" or not isinstance(value, Mapping):
        return value
    parts = {part.name: part for part in field.children}
    return {
        name: _without_empty(parts[name], found)
        for name, found in value.items()
        if not _counts_as_missing(parts[name], found)
    }


def _counts_as_missing(field: Field, value: Any) -> bool:
    if field.kind == "text":
        return bool(value == "")
    return not field.required and not field.default and value in ([], {})


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


def _has_messages(field: Field) -> bool:
    """LangChain takes messages in more forms than their schema has."""
    return field.kind == "messages" or any(map(_has_messages, field.children))


def _draw(field: Field, *, key: str, marks: dict[str, DeltaGenerator] | None = None) -> tuple[Any, list[str]]:
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
            return _json(label_of(field), key=key, text=_start_of(field), help_text=field.help, needed=field.required)
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
        found, wrong = _draw(part, key=f"{key}.{key_of(part.name)}")
        troubles += wrong
        if marks is not None:
            marks[part.name] = place = st.empty()
            # What is wrong in JSON begins with the label.
            marks.setdefault(label_of(part), place)
        if found is not MISSING:
            value[part.name] = found
    return value, troubles


def _json(label: str, *, key: str, text: str, help_text: str = "", needed: bool = True) -> tuple[Any, list[str]]:
    typed = st.text_area(label, text, key=key, height=160, help=help_text or None, persist_state="session")
    if not typed.strip():
        return MISSING, ["Type JSON, such as {}."] if needed else []
    value, trouble = read_json(typed)
    return value, [f"{label}: {trouble}"] if trouble else []


def _start_of(field: Field) -> str:
    """The JSON with which a field begins: nothing where its type or default is not known and it may be left out."""
    left_out = not field.required and field.default is None and (field.anything or field.untold)
    return "" if left_out else _text(template(field))


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)
