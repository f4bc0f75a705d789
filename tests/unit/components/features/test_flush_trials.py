"""How to choose among the flush strategies that were tried."""

from dataclasses import replace

from components.features.flush_trials import Trial, how_to_choose
from streaming.rendering.flush import FLUSH_KINDS, FlushKind


def tried(flush: FlushKind, *, first_ms: int, size: int) -> Trial:
    return Trial(
        flush=FLUSH_KINDS.index(flush), first_ms=first_ms, p95_ms=40, longest_ms=60, bytes=size, repaints=size // 100
    )


def test_the_advice_agrees_with_the_rows_above_it() -> None:
    tokens = tried("every N tokens", first_ms=600, size=2_800)
    ms = tried("every N ms", first_ms=330, size=6_900)
    advice = how_to_choose([tokens, ms, tried("blocks", first_ms=328, size=19_600)])
    assert "*every N ms* and *blocks* showed their first text earliest" in advice
    assert "*every N tokens* sent least" in advice


def test_a_difference_within_the_noise_of_one_run_has_no_winner() -> None:
    advice = how_to_choose([tried("direct", first_ms=310, size=800), tried("every token", first_ms=345, size=9_000)])
    assert "differ by less than one run can tell" in advice
    assert "*direct* sent least" in advice


def test_a_strategy_is_named_with_its_n() -> None:
    ten = replace(tried("every N tokens", first_ms=600, size=2_800), n=10)
    assert ten.label == "every 10 tokens"
    assert tried("every N tokens", first_ms=600, size=2_800).label == "every N tokens", "an older link has none"


def test_one_row_is_no_comparison() -> None:
    assert "Run again with another strategy" in how_to_choose([tried("direct", first_ms=300, size=800)])
