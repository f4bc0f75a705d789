"""What a form would lose of a value is named by its path, in words for a sentence."""

from typing import Any

import pytest

from components.run_panel.input_form.fields import field_of
from components.run_panel.input_form.losses import loss_of, same

ROW = {"type": "object", "properties": {"a": {"type": "string"}}}
FIELD = field_of(
    {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "rows": {"type": "array", "items": ROW}, "part": ROW},
        "required": ["n"],
    }
)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (None, "", False),
        ({"a": [True]}, {"a": [True]}, True),
        ({"a": [True]}, {"a": [1]}, False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, 2], [1], False),
        ("1", 1, False),
        ([], {}, False),
    ],
)
def test_values_are_the_same_where_their_json_says_the_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is same(other, one) is equal


@pytest.mark.parametrize(
    ("given", "shown", "loss"),
    [
        ({"n": 1, "part": {"a": "b"}}, {"n": 1, "part": {"a": "b"}}, ""),
        ({"part": {}}, {"n": 0, "part": {}}, ""),
        ({"n": 1}, {"n": 1, "rows": []}, "cannot show the value of `rows`"),
        ({"n": 1, "rows": []}, {"n": 1}, "cannot show the value of `rows`"),
        ({"n": 1, "rows": [{"a": "b", "z": 1}]}, {"n": 1, "rows": [{"a": "b"}]}, "has no field for `rows[0].z`"),
        ({"n": 1, "rows": [{}, {"a": "b"}]}, {"n": 1, "rows": [{"a": "b"}]}, "cannot show the value of `rows`"),
        (
            {"n": 1, "y": 1, "part": {"a": 1}},
            {"n": 1, "part": {"a": "1"}},
            "has no field for `y`, and cannot show the value of `part.a`",
        ),
        ([1], {"n": 1}, "cannot show this value"),
    ],
)
def test_the_parts_that_a_form_loses_are_named(given: Any, shown: Any, loss: str) -> None:
    assert loss_of(FIELD, given, shown) == loss
