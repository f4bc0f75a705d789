"""The verdict of a race as a sentence."""

from streaming.analysis.race_verdict import Contender, race_sentence
from streaming.analysis.stats import median_interval


def lane(name: str, first_s: float | None, end_s: float | None = 2.35, **more: object) -> Contender:
    return Contender(name=name, first_s=first_s, end_s=end_s, **more)  # type: ignore[arg-type]


def repeated(name: str, firsts: list[float], end_s: float = 2.0) -> Contender:
    first, end = median_interval(firsts), median_interval([end_s] * len(firsts))
    assert first
    return lane(name, first.median, end_s, first=first, end=end)


def test_the_winner_is_named_with_its_lead_and_equal_ends_are_said() -> None:
    sentence = race_sentence([lane("1. streaming", 0.312), lane("2. blocking", 2.34)])
    assert sentence.startswith(
        "Lane 1 “streaming” showed its first text after 312 ms: 7.5× sooner than lane 2 “blocking” with 2.34 s."
    )
    assert "All ended at about the same time (2.35 s)." in sentence
    assert "One race" in sentence


def test_times_that_nobody_can_tell_apart_have_no_winner() -> None:
    assert "No noticeable difference" in race_sentence([lane("1. a", 0.30), lane("2. b", 0.32, 4.0)])
    assert "Lane 1 “a” ended first, after 2.35 s; lane 2 “b” last" in race_sentence(
        [lane("1. a", 0.30), lane("2. b", 0.32, 4.0)]
    )


def test_of_three_lanes_those_that_are_alike_lead_together() -> None:
    sentence = race_sentence([lane("1. direct", 0.31), lane("2. blocks", 0.33), lane("3. whole", 2.31)])
    assert sentence.startswith(
        "Between lane 1 “direct” (310 ms) and lane 2 “blocks” (330 ms) no difference is shown; they had their first "
        "text 7.0× sooner than lane 3 “whole” with 2.31 s."
    )


def test_of_repeated_lanes_those_whose_intervals_overlap_lead_together() -> None:
    close = [repeated("1. a", [0.3, 0.41, 0.32, 0.3, 0.31, 0.45]), repeated("2. b", [0.4, 0.41, 0.44, 0.4, 0.42, 0.43])]
    sentence = race_sentence([*close, repeated("3. whole", [2.0, 2.1, 2.2, 2.0, 2.1, 2.0])])
    assert sentence.startswith("Between lane 1 “a” (")
    assert "no difference is shown; they had their first text" in sentence
    assert "sooner than lane 3 “whole”" in sentence
    assert "1.0×" not in sentence


def test_all_modes_against_one_answers_whether_they_cost_speed() -> None:
    one = lane("1. streaming", 0.30, 2.30, bytes=1000)
    assert race_sentence([one, lane("2. all", 0.31, 2.33, bytes=9800, all_modes=True)]) == (
        "No performance degradation with all modes at once: first text after 310 ms against 300 ms, end after 2.33 s "
        "against 2.30 s, with 9.8× the bytes. One race: repeat it before you rely on it."
    )
    slower = race_sentence([lane("1. all", 0.90, 3.30, all_modes=True), one])
    assert slower.startswith("All modes at once were slower: first text after 900 ms against 300 ms")


def test_repeats_name_their_number_and_their_intervals() -> None:
    fast, slow = repeated("1. a", [0.3, 0.31, 0.32, 0.3, 0.31, 0.3]), repeated("2. b", [2.0, 2.1, 2.2, 2.0, 2.1, 2.0])
    sentence = race_sentence([slow, fast])
    assert sentence.startswith(
        "Lane 1 “a” showed its first text after 305 ms (300 ms to 320 ms): 6.7× sooner than lane 2 “b”"
    )
    assert "Medians of 6 runs each; the intervals have a confidence of 96.9%." in sentence
    wide = repeated("2. b", [0.3, 2.1, 2.2, 2.0, 2.1, 2.0])
    assert race_sentence([fast, wide]).startswith("No difference is shown, for the intervals of the first text overlap")


def test_without_two_completed_lanes_there_is_no_winner() -> None:
    assert "nothing to compare" in race_sentence([lane("1. a", 0.3), lane("2. b", None, None)])
