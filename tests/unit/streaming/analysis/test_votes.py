"""What the votes of the blind test say, by pair of configurations."""

from typing import Any

import pytest

from streaming.analysis.votes import votes_by_pair

STREAMING = "streaming, fast GPU, chat, direct"
BLOCKING = "blocking (invoke), fast GPU, chat, direct"


def vote(faster: str, slower: str, *, tie: bool = False, ends: tuple[float, float] = (2.35, 2.35)) -> dict[str, Any]:
    sides = {side: {"ttft_s": 0.3, "e2e_s": end} for side, end in zip(("faster", "slower"), ends, strict=True)}
    return {"faster": faster, "slower": slower, "figures": {**sides, "tie": tie}}


def test_votes_for_either_side_are_counted_together_and_shared_settings_are_left_out() -> None:
    votes = [vote(STREAMING, BLOCKING)] * 8 + [vote(BLOCKING, STREAMING), vote(BLOCKING, STREAMING, tie=True)]
    (pair,) = votes_by_pair(votes)
    assert (pair.names, pair.votes, pair.ties) == ((STREAMING, BLOCKING), (8, 1), 1)
    assert pair.sentence() == (
        "8 of 10 felt streaming faster than blocking (invoke), 1 the other way round, 1 felt no difference, although "
        "both ended at about the same time. Medians of 10 tests: streaming showed its first text after 300 ms and "
        "ended after 2.35 s, blocking (invoke) showed its first text after 300 ms and ended after 2.35 s."
    )


def test_the_sentence_says_what_was_measured() -> None:
    (later,) = votes_by_pair([vote(STREAMING, BLOCKING, ends=(3.0, 2.0))])
    assert later.sentence().endswith(
        "although it ended later. One vote may be chance. Measured: streaming showed its first text after 300 ms and "
        "ended after 3.00 s, blocking (invoke) showed its first text after 300 ms and ended after 2.00 s."
    )
    (sooner,) = votes_by_pair([vote(STREAMING, BLOCKING, ends=(1.0, 2.0))])
    assert "and it also ended sooner. One vote may be chance. Measured: streaming" in sooner.sentence()


def test_ties_and_two_equal_configurations_are_no_win() -> None:
    (tied,) = votes_by_pair([vote(STREAMING, BLOCKING, tie=True)])
    assert tied.sentence().startswith("1 of 1 felt no difference between")
    (few,) = votes_by_pair([vote(STREAMING, BLOCKING), *[vote(STREAMING, BLOCKING, tie=True)] * 3])
    assert few.sentence().startswith(
        "3 of 4 felt no difference between streaming and blocking (invoke), 1 felt streaming faster. So few votes "
        "may be chance. Medians of 4 tests"
    )
    (same,) = votes_by_pair([vote(STREAMING, STREAMING), vote(STREAMING, STREAMING, tie=True)])
    assert same.total == 2


@pytest.mark.parametrize(
    ("more", "fewer", "in_100"),
    [(4, 4, None), (4, 3, 100), (5, 3, 73), (4, 1, 38), (7, 1, 7), (8, 1, None), (6, 0, None)],
)
def test_the_doubt_goes_by_the_lead_and_not_by_the_number_of_votes(more: int, fewer: int, in_100: int | None) -> None:
    votes = [vote(STREAMING, BLOCKING)] * more + [vote(BLOCKING, STREAMING)] * fewer
    votes += [vote(STREAMING, BLOCKING, tie=True)] * max(0, 6 - more - fewer)
    (pair,) = votes_by_pair(votes)
    doubt = f"This may be chance: of 100 such tests between equals, {in_100} have a lead like it."
    assert ("chance" in pair.sentence()) == (in_100 is not None)
    assert (doubt in pair.sentence()) == (in_100 is not None)


def test_that_most_felt_no_difference_is_no_lead() -> None:
    (pair,) = votes_by_pair([vote(STREAMING, BLOCKING)] + [vote(STREAMING, BLOCKING, tie=True)] * 6)
    assert "chance" not in pair.sentence()


def test_each_pair_has_its_own_votes_most_first() -> None:
    pairs = votes_by_pair([vote("a", "b"), vote("c", "d"), vote("d", "c")])
    assert [pair.total for pair in pairs] == [2, 1]
    assert pairs[0].sentence().startswith("1 of 2 felt")
