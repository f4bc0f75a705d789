"""Inputs of many values: a list, or a table of objects, with rows that can be added and removed."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from components.run_panel.input_form.field_values import MISSING, label_of
from components.run_panel.input_form.fields import MAX_NUMBER, Field
from components.shell.session import recall
from components.shell.session_commands import store_value

_DTYPES: Mapping[str, str] = {"whole": "Int64", "number": "Float64", "switch": "boolean", "choice": "object"}


def list_input(field: Field, *, key: str) -> Any:
    """The values of a list; `MISSING` if it is left out."""
    assert field.item is not None
    texts = [str(value) for value in _listed(field.default) if value is not None]
    if field.item.kind == "text" and not any("\n" in text for text in texts):
        return _or_empty(_lines(field, texts, key=key), field)
    start = [{"value": value} for value in _listed(field.default)]
    rows = _rows(field, ["value"], start, (field.item,), key=key)
    return _or_empty([row["value"] for row in rows if row.get("value") is not None], field)


def _lines(field: Field, start: list[str], *, key: str) -> list[str]:
    """Texts, one on each line: the new row of a table loses the first letters of what is typed into it."""
    label, hint = f"{label_of(field)}: one on each line", field.help or None
    typed = st.text_area(label, "\n".join(start), key=f"{key}.lines", height=100, help=hint, persist_state="session")
    return [line.strip() for line in typed.splitlines() if line.strip()]


def table_input(field: Field, *, key: str) -> Any:
    """The objects of a list; `MISSING` if it is left out."""
    names = [child.name for child in field.children]
    start = [dict(row) for row in _listed(field.default) if isinstance(row, Mapping)]
    rows = _rows(field, names, start, field.children, key=key)
    return _or_empty([{name: value for name, value in row.items() if value is not None} for row in rows], field)


def _or_empty(rows: list[Any], field: Field) -> Any:
    return rows if rows or field.required or field.default is not None else MISSING


def _rows(
    field: Field, names: list[str], start: list[dict[str, Any]], fields: tuple[Field, ...], *, key: str
) -> list[dict[str, Any]]:
    st.caption(label_of(field), help=field.help or None)
    start = _first_rows(key, start)
    columns = {name: _column(part) for name, part in zip(names, fields, strict=True)}
    data = pd.DataFrame(
        {
            name: pd.Series([_cell(row.get(name), part) for row in start], dtype=_DTYPES.get(part.kind, "string"))
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


def _listed(default: Any) -> list[Any]:
    return default if isinstance(default, list) else []


def _cell(value: Any, field: Field) -> Any:
    """A value as its column takes it; a default of another type is left out."""
    types: Mapping[str, Any] = {"whole": int, "number": (int, float), "switch": bool}
    fits = isinstance(value, types.get(field.kind, object))
    if field.kind == "text" and value is not None:
        return str(value)
    if field.kind == "choice":
        return value if value in field.options else None
    if field.kind in ("whole", "number"):
        fits = fits and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    return value if fits else None


def _plain(value: Any) -> Any:
    """A cell as JSON has it; pandas' numbers and its missing values are no JSON."""
    value = value.item() if hasattr(value, "item") else value
    return None if pd.isna(value) else value
