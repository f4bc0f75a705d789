"""The operator's settings in a request."""

import pytest

from graphs import GRAPHS
from streaming.config.policy import parse_model, with_server_policy
from streaming.config.settings import load_settings
from streaming.core.model_spec import ModelSpec, Provider
from streaming.core.request import RunRequest


def request_on(provider: Provider) -> RunRequest:
    return RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider=provider), modes=("messages",), prompt="Hello")


def test_settings_reach_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ATTEMPTS": "5", "RESTART": "true", "SECOND_MODEL": "groq:llama", "HOSTED_RUN_S": "7"}.items():
        monkeypatch.setenv(f"STREAMING_LAB_{name}", value)
    hosted, here = (
        with_server_policy(request_on("openai"), load_settings()),
        with_server_policy(request_on("scripted"), load_settings()),
    )
    assert (hosted.limits.run_s, here.limits.run_s) == (7.0, 180.0)
    assert (hosted.retry_policy.max_attempts, hosted.retry_policy.restart) == (5, True)
    assert hosted.fallback_model == ModelSpec(provider="groq", model="llama")


def test_there_is_no_fallback_model_by_default() -> None:
    assert with_server_policy(request_on("openai"), load_settings()).fallback_model is None
    assert parse_model("scripted") == ModelSpec(provider="scripted")


@pytest.mark.parametrize(
    ("provider", "runs_per_minute"),
    [("scripted", None), ("local", None), ("groq", 10), ("openai", 10), ("compatible", 10)],
)
def test_only_runs_that_may_cost_money_are_counted(provider: Provider, runs_per_minute: int | None) -> None:
    assert with_server_policy(request_on(provider), load_settings()).limits.runs_per_minute == runs_per_minute


def test_a_run_whose_fallback_model_may_cost_is_counted_with_the_times_of_its_own_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STREAMING_LAB_FALLBACK_MODEL", "openai")
    limits = with_server_policy(request_on("local"), load_settings()).limits
    assert (limits.runs_per_minute, limits.run_s) == (10, 180.0)


def test_a_free_fallback_model_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMING_LAB_FALLBACK_MODEL", "scripted")
    assert with_server_policy(request_on("local"), load_settings()).limits.runs_per_minute is None
