"""What a request says about its own cost, and which requests are refused."""

import pytest

from graphs import GRAPHS
from streaming.core.errors import TooManyTokens
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import MAX_TOKENS_LABEL, TOKENS_LABEL, RunRequest

FREE, PAID = ModelSpec(provider="scripted"), ModelSpec(provider="openai")


def request(model: ModelSpec, *, fallback: ModelSpec | None = None, max_tokens: int | None = None) -> RunRequest:
    return RunRequest(
        graph=GRAPHS["chat"],
        model=model,
        modes=("messages",),
        prompt="Hello",
        fallback_model=fallback,
        limits=Limits(max_tokens=max_tokens),
    )


@pytest.mark.parametrize(
    ("model", "fallback", "may_cost"),
    [(FREE, None, False), (FREE, FREE, False), (FREE, PAID, True), (PAID, None, True), (PAID, FREE, True)],
)
def test_a_run_may_cost_when_its_model_or_its_fallback_model_does(
    model: ModelSpec, fallback: ModelSpec | None, may_cost: bool
) -> None:
    assert request(model, fallback=fallback).may_cost is may_cost


@pytest.mark.parametrize(
    ("model", "control"),
    [
        (ModelSpec(provider="local", max_tokens=101), MAX_TOKENS_LABEL),
        (ModelSpec(provider="openai", max_tokens=101), MAX_TOKENS_LABEL),
        (ModelSpec(provider="scripted", pace=Pace(tokens=101)), TOKENS_LABEL),
    ],
)
def test_an_answer_longer_than_the_limit_is_refused_with_the_name_of_the_control(
    model: ModelSpec, control: str
) -> None:
    with pytest.raises(TooManyTokens) as refused:
        request(model, max_tokens=100).check()
    assert "101" in refused.value.message
    assert f"“{control}”" in refused.value.advice


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec(provider="local", max_tokens=100),
        ModelSpec(provider="openai", max_tokens=None),
        # The length of the pace decides, and the model's own limit does not count.
        ModelSpec(provider="scripted", max_tokens=256, pace=Pace(tokens=100)),
    ],
)
def test_an_answer_within_the_limit_passes(model: ModelSpec) -> None:
    request(model, max_tokens=100).check()


def test_no_limit_lets_every_length_pass() -> None:
    request(ModelSpec(provider="scripted", pace=Pace(tokens=20_000)), max_tokens=None).check()
