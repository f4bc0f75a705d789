"""JSON that a person types: what is wrong in it, and what of it a browser can show."""

from typing import Any

import pytest

from streaming.core.json_input import MAX_DEPTH, can_be_shown, errors_of


def test_a_pattern_in_an_error_is_written_as_its_author_wrote_it() -> None:
    schema = {"type": "object", "properties": {"code": {"type": "string", "pattern": r"^\d{5}$"}}}
    assert errors_of({"code": r"1\2"}, schema) == [r"code: '1\2' does not match '^\d{5}$'."]


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else []


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": [1, 0.5, None, True, "ü"]}, True),
        ({"a": [float("nan")]}, False),
        (float("inf"), False),
        ("\ud800", False),
        ({"\ud800": 1}, False),
        (nested(MAX_DEPTH), True),
        (nested(MAX_DEPTH + 1), False),
    ],
)
def test_a_value_can_be_shown_unless_a_browser_has_no_such_text_or_number_or_it_is_too_deep(
    value: Any, shown: bool
) -> None:
    assert can_be_shown(value) is shown
