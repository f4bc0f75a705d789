"""The limits of a run check themselves."""

from dataclasses import fields

import pytest

from streaming.core.limits import Limits

NAMES = [limit.name for limit in fields(Limits)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, -1])
def test_a_limit_of_zero_or_less_is_refused_by_name(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})


def test_every_limit_can_be_turned_off() -> None:
    limits = Limits(**dict.fromkeys(NAMES))
    assert all(getattr(limits, name) is None for name in NAMES)
