"""Rows of JSON that a model is still writing."""

from streaming.projections.base import apply_all
from streaming.projections.json_table import JsonTable
from tests.support.events import log, restart, token

HALF, WHOLE = '[{"name": "o', '[{"name": "new"}]'


def test_dropped_message_takes_its_rows_with_it() -> None:
    events = log((0, token(HALF, id="x", tags=("data",))), (1, restart("x")), (2, token(WHOLE, id="y", tags=("data",))))
    assert apply_all(JsonTable(tag="data"), events[:2]).rows == []
    table = apply_all(JsonTable(tag="data"), events)
    assert (table.rows, table.complete, table.first_row_at) == ([{"name": "new"}], True, 2)


def test_rows_stay_where_another_message_is_dropped() -> None:
    table = apply_all(JsonTable(tag="data"), log((0, token(HALF, id="x", tags=("data",))), (1, restart("z"))))
    assert table.rows == [{"name": "o"}]


def test_rows_follow_the_newest_message_with_the_tag() -> None:
    first = [(0.0, token('[{"a": 1}', id="x", tags=("data",))), (1.0, token("]", id="x", tags=("data",)))]
    second = [(2.0, token('[{"b"', id="y", tags=("data",))), (3.0, token(": 2}]", id="y", tags=("data",)))]
    table = apply_all(JsonTable(tag="data"), log(*first))
    assert (table.rows, table.complete) == ([{"a": 1}], True)
    table = apply_all(JsonTable(tag="data"), log(*first, *second))
    assert (table.rows, table.complete, table.first_row_at) == ([{"b": 2}], True, 3.0)


def test_message_without_the_tag_changes_nothing() -> None:
    table = apply_all(JsonTable(tag="data"), log((0, token(WHOLE, tags=("other",)))))
    assert (table.rows, table.changes) == ([], 0)
