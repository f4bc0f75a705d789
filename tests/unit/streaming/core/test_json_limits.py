"""The values of a piece of JSON are counted without parsing it, whatever its texts contain."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.core import json_limits
from streaming.core.json_limits import has_too_many_values

TEXTS = st.text(alphabet='a"\\[{,', max_size=12)
VALUES = st.recursive(TEXTS | st.integers(0, 9), lambda of: st.lists(of) | st.dictionaries(TEXTS, of), max_leaves=12)


def counted(value: Any) -> tuple[int, int]:
    """The objects and lists of a value, and the commas between its items."""
    if not isinstance(value, list | dict):
        return 0, 0
    inner = [counted(item) for item in (value if isinstance(value, list) else value.values())]
    return 1 + sum(one[0] for one in inner), max(len(value) - 1, 0) + sum(one[1] for one in inner)


@pytest.mark.parametrize("read_bytes", [2, 3, 65_536])
def test_the_count_is_that_of_the_parsed_value(read_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_limits, "_READ_BYTES", read_bytes)

    @given(VALUES)
    def check(value: Any) -> None:
        piece, (containers, commas) = orjson.dumps([value]), counted([value])
        assert not has_too_many_values(piece, containers=containers, values=commas)
        assert has_too_many_values(piece, containers=containers - 1, values=commas)
        assert commas == 0 or has_too_many_values(piece, containers=containers, values=commas - 1)

    check()


@pytest.mark.parametrize("piece", [b'",,,', b'",,,\\', b'"\\",,,\\\\\\', b'[,"'])
def test_half_a_text_is_read_to_its_end(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_limits, "_READ_BYTES", 2)
    assert not has_too_many_values(piece, containers=1, values=2)
