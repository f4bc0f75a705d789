"""Rows of stored runs, checked as they are read: a file on a disk may be damaged, or written by anything."""

import math
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from streaming.storage.schema import runs

DAMAGED = "Damaged"
"""The status of a run whose row has values of wrong types."""

_SIDES = ("faster", "slower")


def json_or_none(text: str | bytes) -> Any:
    """The value of a column of JSON; `None` if it is damaged, so that the other rows can be read."""
    try:
        return orjson.loads(text)
    except ValueError:
        return None


def checked_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The row as plain values; a value of a wrong type is empty, and the run then has the status `DAMAGED`."""
    checked: dict[str, Any] = {}
    damaged = False
    for name, value in row.items():
        column = runs.c[name]
        if (value is None and column.nullable) or _fits(column, value):
            checked[name] = value
            continue
        damaged = True
        checked[name] = None if column.nullable else "" if isinstance(column.type, sa.String) else 0
    return {**checked, "status": DAMAGED} if damaged else checked


def checked_vote(row: Mapping[Any, Any]) -> dict[str, Any] | None:
    """The vote as plain values, without figures of a wrong type; `None` if it does not say what was compared."""
    figures = row["figures"]
    if not isinstance(figures, Mapping) or not all(isinstance(row[side], str) for side in _SIDES):
        return None
    sides = {side: _checked_figures(figures.get(side)) for side in _SIDES}
    return {**row, "figures": {**figures, **sides, "tie": figures.get("tie") is True}}


def _checked_figures(values: Any) -> dict[str, Any]:
    """The figures of one side of a vote, of which the pages read the times."""
    known = dict(values) if isinstance(values, Mapping) else {}
    return known | {name: value if _is_time(value := known.get(name)) else None for name in ("ttft_s", "e2e_s")}


def seconds(value: Any) -> float:
    """A time since the epoch; raises `ValueError` for what is none."""
    if not _is_time(value):
        raise ValueError("this is no time")
    return float(value)


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value < 1e11


def _fits(column: sa.Column[Any], value: Any) -> bool:
    match column.type:
        case sa.JSON():
            return isinstance(value, Mapping) and all(_is_size(size) for size in value.values())
        case sa.Float():
            return isinstance(value, int | float) and math.isfinite(value) and 0 <= value < 1e11
        case sa.Integer():
            return isinstance(value, int) and 0 <= value < 2**53
        case sa.String():
            return isinstance(value, str)
    return True


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and value >= 0
