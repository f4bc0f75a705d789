"""How often a provider is asked, and the pause before each attempt."""

import random

import pytest

from streaming.core.retry_policy import RetryPolicy


@pytest.mark.parametrize("wrong", [{"max_attempts": 0}, {"initial_backoff_s": -0.1}, {"max_backoff_s": -1.0}])
def test_a_policy_with_an_impossible_figure_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="retry policy"):
        RetryPolicy(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(("attempt", "longest"), [(2, 1.0), (3, 2.0), (4, 4.0), (5, 5.0), (9, 5.0)])
def test_a_pause_is_drawn_from_a_range_that_doubles_up_to_its_maximum(
    attempt: int, longest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges: list[tuple[float, float]] = []
    monkeypatch.setattr(random, "uniform", lambda low, high: ranges.append((low, high)) or high)
    policy = RetryPolicy(initial_backoff_s=1.0, max_backoff_s=5.0)
    assert policy.backoff_s(attempt) == longest
    assert ranges == [(0, longest)]
