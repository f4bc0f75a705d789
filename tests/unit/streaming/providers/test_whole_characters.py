"""Characters that come in two halves are whole; what is no character is one that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.providers.whole_characters import CharacterJoiner, readable


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a\ud83d", "\ude00b"], "a\N{GRINNING FACE}b"),
        (["\ud83d", "", "\ude00"], "\N{GRINNING FACE}"),
        (["a\ud83d", "b"], "a\ufffdb"),
        (["\ude00\ud83d\ud83d", "\ude00"], "\ufffd\ufffd\N{GRINNING FACE}"),
        (["a\0", "é\0"], "a\ufffdé\ufffd"),
        (["plain", "é"], "plainé"),
        (["a\ud83d"], "a\ufffd"),
    ],
)
def test_halves_are_joined(pieces: list[str], text: str) -> None:
    joiner = CharacterJoiner()
    assert "".join(joiner.feed(piece) for piece in pieces) + joiner.finish() == text


@given(st.text(alphabet=st.characters(codec=None)))
def test_every_text_can_be_written(text: str) -> None:
    written = readable(text)
    assert "\0" not in written.encode().decode()
    assert readable(written) == written
