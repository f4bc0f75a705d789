"""Which values that a node writes are reports of progress, and what they say."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.core.progress_report import read_report

HALF: list[Any] = [
    {"kind": "progress", "fraction": 0.5},
    {"kind": "progress", "fraction": "50%"},
    {"kind": "progress", "fraction": "50,0 %"},
    {"kind": "progress", "fraction": 50},
    {"kind": "progress", "fraction": "0.5"},
    {"kind": "progress", "fraction": "5/10"},
    {"kind": "progress", "fraction": {"done": 5, "of": 10}},
    {"kind": "progress", "done": 5, "of": 10},
    {"type": "progress", "percent": 50},
    {"type": "progress", "percent": "50 percent"},
    {"type": "status", "progress": "5 of 10", "message": "Reading"},
    {"progress": "50 %"},
    {"progress": [5, 10]},
    {"current": 5, "total": 10},
    {"completed": "5", "total": "10"},
    {"step": 5, "of": 10},
    {"percentage": 50.0},
]
MESSAGES: list[Any] = [
    *("50%", "3/10", "plain words", 42, 0.5, None, True, [1, 2], {}, {"percent": None}),
    {"done": True, "total": 10},
    {"done": 11, "total": 10},
    {"total": 10},
    {"type": "invoice", "percent": 20, "total": 10, "done": 1},
    {"kind": "span", "name": "read", "state": "started"},
]
ODD: list[Any] = [
    *("soon", "150%", "-1%", "1e999", "9" * 5000, "0/0", "11/10"),
    *(-1, -0.1, 101, 10**400, float("nan"), float("inf"), True, [], [1], [1, 2, 3], {"of": 1}, {"done": "a"}),
]


@pytest.mark.parametrize("data", HALF)
def test_common_forms_say_the_same(data: Any) -> None:
    report = read_report(data)
    assert report is not None
    assert report.fraction == 0.5
    assert report.complete


@pytest.mark.parametrize("data", MESSAGES)
def test_a_value_that_does_not_name_itself_progress_is_a_message(data: Any) -> None:
    assert read_report(data) is None


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("field", ["fraction", "progress", "percent"])
def test_an_odd_fraction_makes_no_bar_and_the_rest_is_read(field: str, value: Any) -> None:
    report = read_report({"kind": "progress", field: value, "status": "Reading"})
    assert report is not None
    assert (report.fraction, report.bare, report.status, report.complete) == (None, None, "Reading", False)


@pytest.mark.parametrize(
    ("field", "fraction", "bare"), [("fraction", None, None), ("percent", 0.015, None), ("progress", None, 1.5)]
)
def test_the_name_of_a_number_tells_its_scale(field: str, fraction: float | None, bare: float | None) -> None:
    report = read_report({"kind": "progress", field: 1.5})
    assert report is not None
    assert (report.fraction, report.bare) == (fraction, bare)


def test_counts_of_a_step_are_not_those_of_the_job() -> None:
    report = read_report({"kind": "progress", "step": "read", "done": 2, "total": 2})
    assert report is not None
    assert (report.step, report.done, report.total, report.fraction) == ("read", 2, 2, None)


def test_odd_fields_beside_a_fraction_are_named_incomplete() -> None:
    for field, value in {"step": ["a"], "status": {"a": 1}, "at": 5, "done": "x", "total": -1}.items():
        report = read_report({"kind": "progress", "fraction": 0.5, field: value})
        assert report is not None
        assert (report.fraction, report.complete) == (0.5, False), field


def test_a_time_is_shown_in_utc_or_not_at_all() -> None:
    for at, shown in {
        "2026-01-01T12:00:00+02:00": "2026-01-01T10:00:00.000+00:00",
        "2026-01-01T12:00:00": None,
        "0001-01-01T00:00:00+14:00": None,
        "noon": None,
    }.items():
        report = read_report({"kind": "progress", "at": at})
        assert report is not None
        assert report.at == shown


NAMES = ["kind", "type", "fraction", "progress", "percent", "done", "current", "total", "of", "step", "status", "at"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["progress", "50%", "3/10"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES)
def test_no_value_raises_and_no_fraction_is_out_of_range(data: Any) -> None:
    report = read_report(data)
    if report is not None:
        assert report.fraction is None or 0 <= report.fraction <= 1
        assert report.bare is None or 0 <= report.bare <= 100
        assert report.total is None or 0 <= (report.done or 0) <= report.total
        assert all(isinstance(value, str | None) for value in (report.step, report.status, report.at))
