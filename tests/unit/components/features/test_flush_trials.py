"""How to choose among the flush strategies that were tried."""

from dataclasses import replace

from components.features.flush_trials import Trial, by_strategy, how_to_choose
from streaming.rendering.flush import FLUSH_KINDS, FlushKind


def tried(flush: FlushKind, *, first_ms: int, size: int, late_ms: int | None = 0) -> Trial:
    return Trial(
        flush=FLUSH_KINDS.index(flush),
        first_ms=first_ms,
        p95_ms=40,
        longest_ms=60,
        bytes=size,
        repaints=size // 100,
        late_ms=late_ms,
    )


def test_the_advice_agrees_with_the_rows_above_it() -> None:
    tokens = tried("every N tokens", first_ms=600, size=2_800, late_ms=170)
    ms = tried("every N ms", first_ms=330, size=6_900, late_ms=30)
    advice = how_to_choose([tokens, ms, tried("blocks", first_ms=328, size=19_600)])
    assert "*last block only* and *every N ms* drew the first text soonest after it had arrived" in advice
    direct = tried("direct", first_ms=328, size=4_000)
    advice_of_four = how_to_choose([direct, tokens, ms, tried("blocks", first_ms=328, size=19_600)])
    assert "*direct*, *last block only* and *every N ms* drew the first text soonest" in advice_of_four
    assert "*every N tokens* sent least" in advice


def test_a_model_that_began_sooner_makes_no_strategy_the_best() -> None:
    advice = how_to_choose([tried("direct", first_ms=750, size=800), tried("every token", first_ms=340, size=9_000)])
    assert "all drew the first text about as soon after it had arrived" in advice
    assert "*direct* sent least" in advice


def test_a_model_that_had_to_be_loaded_first_is_named_as_what_the_first_text_waited_for() -> None:
    cold, warm = tried("direct", first_ms=2_740, size=800), tried("every token", first_ms=90, size=9_000, late_ms=30)
    advice = how_to_choose([cold, warm])
    assert "arrived after 60 ms to 2.74 s" in advice
    assert "compare *after arrival*" in advice
    assert "compare *after arrival*" not in how_to_choose([warm, replace(cold, first_ms=400)])


def test_rows_of_an_older_link_are_compared_by_what_they_know() -> None:
    older = tried("every token", first_ms=340, size=9_000, late_ms=None)
    assert "by the median of their runs, *direct* sent least" in how_to_choose(
        [tried("direct", first_ms=300, size=800), older]
    )


def test_a_strategy_is_named_with_its_n() -> None:
    ten = replace(tried("every N tokens", first_ms=600, size=2_800), n=10)
    assert ten.label == "every 10 tokens"
    assert tried("every N tokens", first_ms=600, size=2_800).label == "every N tokens", "an older link has none"


def test_a_strategy_that_was_tried_again_has_the_medians_of_its_runs() -> None:
    times = (300, 900, 340)
    again = [replace(tried("direct", first_ms=ms, size=ms), run=number) for number, ms in enumerate(times)]
    (token, once), (direct, runs) = sorted(
        by_strategy([*again, tried("every token", first_ms=500, size=9_000)]), key=lambda row: row[1]
    )
    assert (token.label, once) == ("every token", 1)
    assert (direct.label, runs, direct.first_ms, direct.bytes) == ("direct", 3, 340, 340)
    assert "Run again with another strategy" in how_to_choose(again), "three runs of one strategy are no comparison"


def test_answers_of_different_lengths_are_said_to_differ() -> None:
    short = replace(tried("direct", first_ms=300, size=800), characters=100)
    assert "the answers differ" not in how_to_choose([short, replace(short, flush=2)])
    advice = how_to_choose([short, replace(short, flush=2, characters=1_500)])
    assert "they have 100 to 1,500 characters" in advice


def test_one_row_is_no_comparison() -> None:
    assert "Run again with another strategy" in how_to_choose([tried("direct", first_ms=300, size=800)])
