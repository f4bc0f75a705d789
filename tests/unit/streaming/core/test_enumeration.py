"""Names are told as a reader says them."""

import pytest

from streaming.core.enumeration import listed


@pytest.mark.parametrize(
    ("names", "told"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")], ids=["1", "2", "3"]
)
def test_the_last_of_several_names_comes_after_an_and(names: list[str], told: str) -> None:
    assert listed(names) == told
