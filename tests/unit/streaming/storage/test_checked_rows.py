"""Votes of a damaged file are read as far as they mean something."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.analysis.votes import votes_by_pair
from streaming.storage.checked_rows import checked_vote

SIDE = {"run": "r", "name": "n", "ttft_s": 0.5, "e2e_s": 2.0}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["faster", "slower", "tie", "ttft_s", "e2e_s"]), inner, max_size=4)
    ),
    max_leaves=9,
)


def vote(**changed: Any) -> dict[str, Any]:
    return {"faster": "a", "slower": "b", "figures": {"faster": SIDE, "slower": SIDE, "tie": False}, **changed}


def test_a_whole_vote_is_read_as_it_is() -> None:
    assert checked_vote(vote()) == vote()


@pytest.mark.parametrize("changed", [{"figures": None}, {"figures": "x"}, {"faster": None}, {"slower": b"?"}])
def test_a_vote_that_does_not_say_what_was_compared_is_left_out(changed: dict[str, Any]) -> None:
    assert checked_vote(vote(**changed)) is None


@given(st.fixed_dictionaries({"faster": VALUES, "slower": VALUES, "figures": VALUES}))
def test_every_row_can_be_counted(row: dict[str, Any]) -> None:
    found = checked_vote(row)
    for pair in votes_by_pair([found] if found else []):
        assert pair.sentence()


@given(VALUES)
def test_all_figures_can_be_counted(figures: Any) -> None:
    found = checked_vote(vote(figures=figures))
    assert all(pair.total == 1 for pair in votes_by_pair([found] if found else []))
