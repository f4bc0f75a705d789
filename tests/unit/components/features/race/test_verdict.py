"""The ratios of a race's table."""

from collections.abc import Sequence

import pytest

from components.features.race.verdict import ratios


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.5], ["1.0×", "2.5×"]),
        ([2.0, None, 1.0], ["2.0×", "–", "1.0×"]),
        ([None, None], ["–", "–"]),
        ([0.0, 2.0], ["0.0×", "1.0×"]),
        ([0.0], ["–"]),
        ([], []),
    ],
)
def test_each_value_is_a_multiple_of_the_smallest_one_that_is_not_zero(
    values: Sequence[float | None], expected: list[str]
) -> None:
    assert ratios(values) == expected
