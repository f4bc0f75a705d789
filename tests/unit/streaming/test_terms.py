"""What the settings make of a request."""

import pytest

from graphs import GRAPHS
from streaming import RunRequest
from streaming.models import ModelSpec, Provider
from streaming.settings import settings
from streaming.terms import by_settings, second_model


def request_on(provider: Provider) -> RunRequest:
    return RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider=provider), modes=("messages",), prompt="Hello")


def test_settings_reach_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ATTEMPTS": "5", "RESTART": "true", "SECOND_MODEL": "groq:llama", "HOSTED_RUN_S": "7"}.items():
        monkeypatch.setenv(f"STREAMING_LAB_{name}", value)
    settings.cache_clear()
    hosted, here = by_settings(request_on("openai")), by_settings(request_on("scripted"))
    assert (hosted.limits.run_s, here.limits.run_s) == (7.0, 180.0)
    assert (hosted.patience.attempts, hosted.patience.restart) == (5, True)
    assert hosted.second == ModelSpec(provider="groq", model="llama")


def test_nobody_is_the_usual_second_model() -> None:
    assert by_settings(request_on("openai")).second is None
    assert second_model("scripted") == ModelSpec(provider="scripted")


@pytest.mark.parametrize(
    ("provider", "most"), [("scripted", None), ("local", None), ("groq", 10), ("openai", 10), ("compatible", 10)]
)
def test_only_what_costs_nothing_goes_uncounted(provider: Provider, most: int | None) -> None:
    assert by_settings(request_on(provider)).limits.requests_per_minute == most
