"""The headline of a race, and the ratios of its table."""

from collections.abc import Sequence

import pytest

from components.features.race.verdict import headline_of, ratios
from streaming.analysis.race_verdict import ANECDOTES, ONE_DRAWN, ONE_RACE, race_sentence


@pytest.mark.parametrize(
    ("values", "of", "expected"),
    [
        ([1.0, 2.5], 1.0, ["1.0×", "2.5×"]),
        ([2.0, None, 1.0], 1.0, ["2.0×", "–", "1.0×"]),
        ([1.0, 2.0], 2.0, ["0.50×", "1.0×"]),
        ([0.111, 2.42, 0.00042], 2.42, ["0.046×", "1.0×", "0.00017×"]),
        ([0.95, 0.96, 0.0], 1.0, ["0.95×", "1.0×", "0.0×"]),
        ([None, 1.0], None, ["–", "–"]),
        ([0.0, 2.0], 0.0, ["–", "–"]),
        ([None], None, ["–"]),
        ([], None, []),
    ],
)
def test_each_value_is_a_multiple_of_that_of_one_lane(
    values: Sequence[float | None], of: float | None, expected: list[str]
) -> None:
    assert ratios(values, of=of) == expected


def test_a_headline_that_compares_nothing_asks_for_no_repeat() -> None:
    assert not any(sentence in headline_of(race_sentence([])) for sentence in ANECDOTES)
    assert headline_of(f"Lane 1 drew it sooner. It is so. {ONE_DRAWN}").endswith(f":small[:gray[{ONE_DRAWN}]]")
    assert headline_of(f"Lane 1 was sooner. All ended alike. {ONE_RACE}") == (
        f"**Lane 1 was sooner.** :small[:gray[{ONE_RACE}]]"
    )
