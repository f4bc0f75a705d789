"""Asks for the value of a schema: JSON that a graph takes as input, context or configurable values."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.input_form.drawing import WHOLE_HEIGHT, json_input, template, text_of
from components.run_panel.input_form.field_values import MISSING
from components.run_panel.input_form.fields import Field, Schema, field_of
from components.run_panel.input_form.two_views import TwoViews, View
from components.shell.format import escape_markdown
from streaming.core.graph_prompt import sure_prompt_field
from streaming.core.json_input import errors_of

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

    def as_sent(value: Any, by: View) -> Any:
        if drops_empty and by == "Form":
            value = _without_empty(field, value)
        if value is MISSING:
            value = {} if field.kind == "object" else None
        # LangGraph refuses an input of nothing.
        return template(plain) if value == {} and not optional else value

    first = start if start is not None else template(field)
    if field.kind == "json":
        value, trouble = json_input("JSON", key=f"{key}.raw", text=text_of(first), height=WHOLE_HEIGHT)
        value = None if trouble else as_sent(value, "JSON")
    else:
        views = TwoViews(field=field, schema=schema, key=key, start=start, first=first, as_sent=as_sent, marks=marks)
        value, trouble = views.draw()
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


def _has_messages(field: Field) -> bool:
    """LangChain takes messages in more forms than their schema has."""
    return field.kind == "messages" or any(map(_has_messages, field.children))
