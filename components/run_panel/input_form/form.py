"""Draws a form from fields, and reads its value: JSON that a graph takes as input, context or configurable values."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from components.run_panel.input_form.fields import Field, Schema, field_of
from components.run_panel.offered_graph import FIRST_PROMPT
from components.shell.format import escape_markdown
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.core.graph_prompt import prompt_field
from streaming.core.json_input import errors_of, read_json

MISSING: Final = object()
"""The value of a field that is left out."""

_DTYPES: Mapping[str, str] = {"whole": "Int64", "number": "Float64", "switch": "boolean", "choice": "object"}
_ROLES: Mapping[str, str] = {"person": "human", "model": "ai", "system": "system"}


def ask_for(
    schema: Schema, *, key: str, start: Any = None, optional: bool = True, example: str = ""
) -> tuple[Any, list[str]]:
    """A form for the schema with raw JSON as the other choice; the value, and what is wrong with it.

    `start` is the value with which the raw JSON begins, `example` the text with which the field of the prompt begins.
    One that is not `optional` has at least one field.
    """
    plain = field_of(schema)
    field = _with_example(plain, prompt_field(schema), example) if example else plain
    choices = ["Form", "JSON"] if field.kind != "json" else ["JSON"]
    by = choices[0]
    if len(choices) > 1:
        by = (
            st.segmented_control(
                "Input by",
                choices,
                default=choices[0],
                key=f"{key}.by",
                label_visibility="collapsed",
                persist_state="session",
            )
            or choices[0]
        )
    # Widgets that are not drawn would lose what is typed; both remain in the session.
    value, trouble = (
        _draw(field, key=key)
        if by == "Form"
        else _json("JSON", key=f"{key}.raw", text=_text(start if start is not None else template(field)))
    )
    if value is MISSING:
        value = {} if field.kind == "object" else None
    if value == {} and not optional:
        # LangGraph refuses an input of nothing.
        value = template(plain)
    return value, trouble or errors_of(value, schema if not _has_messages(field) else {})


def _with_example(field: Field, name: str | None, example: str) -> Field:
    """The same form, in which this text begins with the example, unless the schema has a default."""
    children = tuple(
        replace(part, default=example) if part.name == name and part.kind == "text" and part.default is None else part
        for part in field.children
    )
    return replace(field, children=children)


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
        chosen = chosen or [part for part in field.children if part.kind == "text"]
        return {part.name: template(part) for part in chosen}
    if field.nullable:
        return None
    empty: Mapping[str, Any] = {"text": "", "file": "", "whole": 0, "number": 0.0, "switch": False, "json": {}}
    if field.kind == "choice":
        return field.options[0]
    return empty.get(field.kind, [])


def _has_messages(field: Field) -> bool:
    """LangChain takes messages in more forms than their schema has."""
    return field.kind == "messages" or any(map(_has_messages, field.children))


def _draw(field: Field, *, key: str) -> tuple[Any, list[str]]:
    """Draw one field; its value, `MISSING` if it is left out, and what is wrong with it."""
    match field.kind:
        case "object":
            return _object(field, key=key)
        case "table":
            return _table(field, key=key), []
        case "list":
            return _list(field, key=key), []
        case "messages":
            return _messages(field, key=key), []
        case "json":
            return _json(
                _label(field), key=key, text=_text(template(field)), help_text=field.help, needed=field.required
            )
        case "file":
            return _file(field, key=key), []
        case _:
            return _single(field, key=key), []


def _object(field: Field, *, key: str) -> tuple[Any, list[str]]:
    if not field.name:
        return _parts(field, key=key)
    with st.expander(_label(field), expanded=field.required):
        if field.help:
            st.caption(escape_markdown(field.help))
        if not field.required and not st.checkbox("Send this part", key=f"{key}.sent", persist_state="session"):
            return MISSING, []
        return _parts(field, key=key)


def _parts(field: Field, *, key: str) -> tuple[Any, list[str]]:
    value: dict[str, Any] = {}
    troubles: list[str] = []
    for part in field.children:
        found, wrong = _draw(part, key=f"{key}.{part.name}")
        troubles += wrong
        if found is not MISSING:
            value[part.name] = found
    return value, troubles


def _single(field: Field, *, key: str) -> Any:
    label, hint = _label(field), field.help or None
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
    text = st.text_area(label, str(field.default or ""), key=key, height=68, help=hint, persist_state="session")
    return text if text or (field.required and not field.nullable) else _or_left_out(None, field)


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
        for name, bound in (("min_value", field.minimum), ("max_value", field.maximum), ("value", field.default))
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


def _or_left_out(value: Any, field: Field) -> Any:
    if value is not None:
        return value
    return None if field.required and field.nullable else MISSING


def _list(field: Field, *, key: str) -> Any:
    assert field.item is not None
    rows = _rows(field, ["value"], [{"value": value} for value in field.default or []], (field.item,), key=key)
    return _or_empty([row["value"] for row in rows if row.get("value") is not None], field)


def _table(field: Field, *, key: str) -> Any:
    names = [child.name for child in field.children]
    rows = _rows(field, names, list(field.default or []), field.children, key=key)
    return _or_empty([{name: value for name, value in row.items() if value is not None} for row in rows], field)


def _or_empty(rows: list[Any], field: Field) -> Any:
    return rows if rows or field.required or field.default is not None else MISSING


def _rows(
    field: Field, names: list[str], start: list[dict[str, Any]], fields: tuple[Field, ...], *, key: str
) -> list[dict[str, Any]]:
    st.caption(_label(field), help=field.help or None)
    start = _first_rows(key, start)
    columns = {name: _column(part) for name, part in zip(names, fields, strict=True)}
    data = pd.DataFrame(
        {
            name: pd.Series([row.get(name) for row in start], dtype=_DTYPES.get(part.kind, "string"))
            for name, part in zip(names, fields, strict=True)
        }
    )
    edited = st.data_editor(data, column_config=columns, num_rows="dynamic", hide_index=True, key=key, width="stretch")
    found = [{str(name): _plain(cell) for name, cell in row.items()} for row in edited.to_dict("records")]
    rows = [row for row in found if any(cell is not None for cell in row.values())]
    store_value(f"{key}.rows", rows)
    return rows


def _first_rows(key: str, start: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with which the table begins: Streamlit forgets its changes when another page is drawn."""
    if key not in st.session_state:
        kept = recall(f"{key}.rows")
        store_value(f"{key}.first", start if kept is None else kept)
    first: list[dict[str, Any]] | None = recall(f"{key}.first")
    return start if first is None else first


def _column(field: Field) -> Any:
    title = field.title or None
    match field.kind:
        case "switch":
            return st.column_config.CheckboxColumn(title)
        case "choice":
            return st.column_config.SelectboxColumn(title, options=list(field.options))
        case "whole" | "number":
            step = 1 if field.kind == "whole" else None
            return st.column_config.NumberColumn(title, min_value=field.minimum, max_value=field.maximum, step=step)
        case _:
            return st.column_config.TextColumn(title)


def _plain(value: Any) -> Any:
    """A cell as JSON has it; pandas' numbers and its missing values are no JSON."""
    value = value.item() if hasattr(value, "item") else value
    return None if pd.isna(value) else value


def _messages(field: Field, *, key: str) -> list[dict[str, Any]]:
    st.caption(_label(field), help=field.help or None)
    count_key = f"{key}.rows"
    count = st.session_state.setdefault(count_key, 1)
    messages = []
    for row in range(count):
        who, text = st.columns([1, 4])
        role = who.selectbox(
            "From", list(_ROLES), key=f"{key}.{row}.role", label_visibility="collapsed", persist_state="session"
        )
        content = text.text_area(
            f"Message {row + 1}",
            "" if row else FIRST_PROMPT,
            key=f"{key}.{row}.text",
            height=68,
            label_visibility="collapsed",
            placeholder="What the message says",
            persist_state="session",
        )
        messages.append({"type": _ROLES[role], "content": content})
    with st.container(horizontal=True):
        add, remove = "Add a message", "Remove the last"
        st.button(
            add,
            key=f"{key}.add",
            type="tertiary",
            icon=":material/add:",
            on_click=_set_rows,
            args=(count_key, count + 1),
        )
        if count > 1:
            st.button(remove, key=f"{key}.remove", type="tertiary", on_click=_set_rows, args=(count_key, count - 1))
    return messages


def _set_rows(count_key: str, count: int) -> None:
    st.session_state[count_key] = count


def _file(field: Field, *, key: str) -> Any:
    """The file in base64; it is kept when another page is drawn, until it is removed or replaced here."""
    st.file_uploader(_label(field), key=key, help=field.help or None, on_change=_keep_file, args=(key,))
    kept: tuple[str, str] | None = recall(f"{key}.file")
    if kept is None:
        return MISSING
    if st.session_state.get(key) is None:
        name = escape_markdown(kept[0])
        st.button(f"Remove {name}", key=f"{key}.remove", type="tertiary", on_click=_forget_file, args=(key,))
    return kept[1]


def _keep_file(key: str) -> None:
    upload = st.session_state.get(key)
    content = None if upload is None else (upload.name, base64.b64encode(upload.getvalue()).decode())
    store_value(f"{key}.file", content)


def _forget_file(key: str) -> None:
    store_value(f"{key}.file", None)


def _json(label: str, *, key: str, text: str, help_text: str = "", needed: bool = True) -> tuple[Any, list[str]]:
    typed = st.text_area(label, text, key=key, height=160, help=help_text or None, persist_state="session")
    if not typed.strip():
        return MISSING, ["Type JSON, such as {}."] if needed else []
    value, trouble = read_json(typed)
    return value, [f"{label}: {trouble}"] if trouble else []


def _text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _label(field: Field) -> str:
    return escape_markdown(field.title or field.name or "Input")
