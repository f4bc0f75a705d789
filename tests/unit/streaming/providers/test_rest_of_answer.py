"""The rest of an answer is joined to the part before it, without what it repeats of the part's end."""

import pytest

from streaming.providers.rest_of_answer import RestOfAnswer

KEPT = "The sea is wide. Its water is salt, and its waves are"


def joined(kept: str, rest: str, *, size: int, exact: bool = False) -> str:
    """The answer whose rest arrives in pieces of this size."""
    joins = RestOfAnswer(kept, exact=exact)
    pieces = [rest[start : start + size] for start in range(0, len(rest), size)]
    return kept + "".join(joins.add(piece) for piece in pieces) + joins.end()


@pytest.mark.parametrize("size", [1, 4, 500])
@pytest.mark.parametrize(
    ("rest", "added"),
    [
        (" high.", " high."),
        (f"{KEPT} high.", " high."),
        ("Its water is salt, and its waves are high.", " high."),
        (KEPT, ""),
        ("The sea is wide, they say.", "The sea is wide, they say."),
        ("waves are high.", "waves are high."),
        ("The sea", "The sea"),
        ("", ""),
    ],
    ids=["new", "all again", "end again", "nothing new", "only begins alike", "short", "ends while held", "empty"],
)
def test_a_repeated_end_is_left_out(rest: str, added: str, size: int) -> None:
    assert joined(KEPT, rest, size=size) == KEPT + added


@pytest.mark.parametrize("size", [1, 4, 500])
def test_an_exact_rest_may_repeat_a_line(size: int) -> None:
    line = "Row, row, row your boat.\n"
    assert joined(line, line, size=size, exact=True) == line * 2


@pytest.mark.parametrize("size", [1, 4, 500])
@pytest.mark.parametrize("exact", [True, False])
def test_a_space_is_not_doubled(size: int, exact: bool) -> None:
    assert joined(f"{KEPT} ", " high.", size=size, exact=exact) == f"{KEPT} high."


@pytest.mark.parametrize("start", [0, -1_500], ids=["wholly", "its end"])
def test_a_long_part_may_be_repeated(start: int) -> None:
    kept = "".join(f"Line {number}.\n" for number in range(5_000))
    assert joined(kept, f"{kept[start:]}The end.", size=500) == f"{kept}The end."


def test_only_what_may_be_a_repetition_is_held_back() -> None:
    joins = RestOfAnswer(KEPT)
    assert [joins.add(piece) for piece in (" is", " high", ", its", " waves")] == ["", " is high", ", its", " waves"]
