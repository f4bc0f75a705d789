"""The verdict of a race as a sentence."""

from dataclasses import replace

import pytest

from streaming.analysis.contender import Contender
from streaming.analysis.race_verdict import ONE_DRAWN, ONE_MIXED, base_of, comparable_firsts, race_sentence
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


def test_lanes_that_end_at_the_same_time_share_their_place() -> None:
    lanes = [lane("1. a", 0.3, 2.17), lane("2. b", 0.3, 2.17), lane("3. c", 2.9, 1.1)]
    assert "Lane 3 “c” ended first, after 1.10 s; lane 1 “a” (2.17 s) and lane 2 “b” (2.17 s) last." in race_sentence(
        lanes
    )
    early = [lane("1. a", 0.3, 1.1), lane("2. b", 0.3, 1.1), lane("3. c", 2.0, 2.9)]
    assert "Lane 1 “a” (1.10 s) and lane 2 “b” (1.10 s) ended first; lane 3 “c” last, after 2.90 s." in race_sentence(
        early
    )
    near = [lane("1. a", 0.3, 2.174), lane("2. b", 0.3, 2.167), lane("3. c", 2.0, 1.975)]
    assert "Lane 3 “c” ended first, after 1.98 s; lane 2 “b” (2.17 s) and lane 1 “a” (2.17 s) last." in race_sentence(
        near
    ), "lane 2 is as near to lane 3 as to lane 1, and reads like lane 1"


def test_of_three_lanes_those_that_are_alike_lead_together() -> None:
    sentence = race_sentence([lane("1. direct", 0.31), lane("2. blocks", 0.33), lane("3. whole", 2.31)])
    assert sentence.startswith(
        "Between lane 1 “direct” (310 ms) and lane 2 “blocks” (330 ms) no difference is shown; they had their first "
        "text at least 7.0× sooner than lane 3 “whole” with 2.31 s."
    )


def test_of_repeated_lanes_those_whose_intervals_overlap_lead_together() -> None:
    close = [repeated("1. a", [0.3, 0.41, 0.32, 0.3, 0.31, 0.45]), repeated("2. b", [0.4, 0.41, 0.44, 0.4, 0.42, 0.43])]
    sentence = race_sentence([*close, repeated("3. whole", [2.0, 2.1, 2.2, 2.0, 2.1, 2.0])])
    assert sentence.startswith("Between lane 1 “a” (")
    assert "no difference is shown; they had their first text" in sentence
    assert "sooner than lane 3 “whole”" in sentence
    assert "1.0×" not in sentence
    assert "lane 1 “a” (315 ms, 300 ms to 450 ms)" in sentence, "no brackets within brackets"


def test_all_modes_against_one_answers_whether_they_cost_speed() -> None:
    one = lane("1. streaming", 0.30, 2.30, bytes=1000)
    assert race_sentence([one, lane("2. all", 0.31, 2.33, bytes=9800, all_modes=True)]) == (
        "No performance degradation with all modes at once: first text after 310 ms against 300 ms, end after 2.33 s "
        "against 2.30 s, with 9.8× the bytes. One race: repeat it before you rely on it."
    )
    some = race_sentence([one, lane("2. all", 0.34, 2.33, all_modes=True)])
    assert some.startswith("No noticeable performance degradation with all modes at once: first text after 340 ms")
    slower = race_sentence([lane("1. all", 0.90, 3.30, all_modes=True), one])
    assert slower.startswith("All modes at once were slower: first text after 900 ms against 300 ms")


def test_repeats_name_their_number_and_their_intervals() -> None:
    fast, slow = repeated("1. a", [0.3, 0.31, 0.32, 0.3, 0.31, 0.3]), repeated("2. b", [2.0, 2.1, 2.2, 2.0, 2.1, 2.0])
    sentence = race_sentence([slow, fast])
    assert sentence.startswith(
        "Lane 1 “a” had its first text after 305 ms (300 ms to 320 ms): 6.7× sooner than lane 2 “b”"
    )
    assert "Medians of 6 runs each; the intervals have a confidence of 96.9%." in sentence
    wide = repeated("2. b", [0.3, 2.1, 2.2, 2.0, 2.1, 2.0])
    assert race_sentence([fast, wide]).startswith("No difference is shown, for the intervals of the first text overlap")


def test_without_two_completed_lanes_there_is_no_winner() -> None:
    assert "nothing to compare" in race_sentence([lane("1. a", 0.3), lane("2. b", None, None)])


def drawn(name: str, first_s: float, arrived_s: float, **more: object) -> Contender:
    return lane(name, first_s, source="chat", arrived_s=arrived_s, **more)


def test_ways_of_drawing_are_compared_by_what_they_did_and_not_by_when_the_model_began() -> None:
    sentence = race_sentence([drawn("1. direct", 0.996, 0.996), drawn("2. blocks", 1.61, 1.572)])
    assert sentence.startswith(
        "No noticeable difference in drawing the first text after its arrival: lane 1 “direct” 0 ms, lane 2 “blocks” "
        "38 ms. When a text arrives is the model's doing."
    )
    late = race_sentence([drawn("1. every 10 tokens", 0.619, 0.474), drawn("2. direct", 0.663, 0.663)])
    assert late.startswith(
        "Lane 2 “direct” drew its first text as it arrived, lane 1 “every 10 tokens” 145 ms after it had arrived. When "
        "a text arrives"
    )
    assert late.endswith(ONE_DRAWN)
    both = race_sentence([drawn("1. every 10 tokens", 0.619, 0.474), drawn("2. blocks", 0.683, 0.663)])
    assert both.startswith(
        "Lane 2 “blocks” drew its first text 20 ms after it had arrived, lane 1 “every 10 tokens” 145 ms. When"
    )


def test_beside_another_run_ways_of_drawing_are_still_compared_by_what_they_did() -> None:
    whole = lane("1. whole", 4.4, source="invoke", arrived_s=4.4)
    direct, rare = drawn("2. direct", 0.474, 0.474), drawn("3. every 10 tokens", 0.808, 0.663)
    assert race_sentence([whole, direct, rare]).startswith(
        "Lane 2 “direct” showed its first text after 474 ms: 334 ms sooner than lane 3 “every 10 tokens” with "
        "808 ms (145 ms of it drawing) and 9.3× sooner than lane 1 “whole” with 4.40 s."
    )
    assert race_sentence([whole, direct, rare]).endswith(ONE_MIXED), "repeats can tell the first apart, not the others"
    early = drawn("3. every 10 tokens", 0.47, 0.32)
    assert "in drawing alone 150 ms sooner than lane 3 “every 10 tokens” with 470 ms" in race_sentence(
        [whole, direct, early]
    ), "its model was earlier"
    slow = lane("1. whole", 3.66, source="invoke", arrived_s=3.66)
    alike = race_sentence([slow, drawn("2. direct", 3.42, 3.42), drawn("3. every 10 tokens", 3.50, 3.42)])
    assert "80 ms sooner than lane 3" in alike, "compared with the lane that differs only in drawing"
    blocks = drawn("3. blocks", 0.808, 0.79)
    assert race_sentence([whole, direct, blocks]).startswith(
        "Between lane 2 “direct” (474 ms) and lane 3 “blocks” (808 ms) no difference in drawing the first text is shown"
    )


def test_a_text_that_stands_still_is_told_where_the_first_text_is_drawn_alike() -> None:
    """The headline called two ways equal of which one drew nothing for two seconds."""
    direct, rare = drawn("1. direct", 0.379, 0.379, freeze_s=0.032), drawn("2. rare", 0.378, 0.377, freeze_s=1.9)
    first = race_sentence([direct, rare]).partition(". When")[0]
    stood = "but then the text stood still in lane 1 “direct” for up to 32 ms, lane 2 “rare” for up to 1.90 s"
    assert first.endswith(stood), first
    whole = lane("3. whole", 2.2, source="invoke", arrived_s=2.2)
    assert f"no difference in drawing the first text is shown, {stood}; they had" in race_sentence(
        [direct, rare, whole]
    )
    alike = drawn("2. blocks", 0.378, 0.377, freeze_s=0.04)
    assert "stood still" not in race_sentence([direct, alike])


def test_what_the_lanes_are_ranked_by_is_their_first_text_unless_only_their_drawing_differs() -> None:
    assert comparable_firsts([lane("1. a", 0.3), lane("2. b", None)]) == [0.3, None]
    late, soon = drawn("1. a", 0.4, 0.2), drawn("2. b", 0.5, 0.5)
    first, second = comparable_firsts([late, soon])
    assert first is not None
    assert second is not None
    assert first - second == pytest.approx(0.2)


def test_what_the_sentence_divides_by_is_the_lane_that_is_named_as_the_base() -> None:
    direct, blocks, whole = lane("1. direct", 0.31), lane("2. blocks", 0.33), lane("3. whole", 2.31)
    assert base_of([direct, blocks, whole]) == 1
    assert "7.0× sooner" in race_sentence([direct, blocks, whole])
    assert base_of([whole, direct]) == 1
    assert base_of([blocks, direct]) == 1, "nothing is behind them"
    assert base_of([lane("1. a", None), whole]) == 1
    assert base_of([lane("1. a", None)]) is None


def test_all_modes_of_repeats_are_slower_only_where_the_intervals_do_not_overlap() -> None:
    one = repeated("1. one", [0.32, 0.55, 0.36, 0.34, 0.4, 0.36])
    close = replace(repeated("2. all", [0.33, 0.55, 0.44, 0.44, 0.43, 0.45]), all_modes=True)
    assert race_sentence([one, close]).startswith(
        "No performance degradation with all modes at once is shown, for the intervals overlap: first text after"
    )
    apart = replace(repeated("2. all", [0.9, 0.95, 0.94, 0.9, 0.93, 0.9]), all_modes=True)
    assert race_sentence([one, apart]).startswith("All modes at once were slower")


def test_runs_that_wait_for_an_answer_are_the_reason_why_nothing_can_be_compared() -> None:
    waiting = [lane("1. a", None, None, waits=True), lane("2. b", None, None, waits=True)]
    assert race_sentence(waiting) == (
        "Lane 1 “a” and lane 2 “b” wait for an answer, so fewer than two completed: there is nothing to compare."
    )
    assert "graph=one waits for" in race_sentence([lane("graph=one", None, waits=True), lane("graph=two", 1.0)])
    assert race_sentence([lane("1. a", None), lane("2. b", 1.0)]).startswith("Fewer than two of these runs completed")
