"""Names and keys of the providers."""

import json

import pytest

from streaming.core.model_spec import PRESETS, ModelSpec, Pace
from streaming.providers.catalogue import model_label, resolve_key
from streaming.providers.connection_check import check_connection
from tests.support.provider_runs import KEY, compatible, run_on
from tests.support.provider_servers import answering, flaky


def test_the_typed_key_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "from-environment")
    spec = ModelSpec(provider="groq")
    assert resolve_key(spec, "typed") == "typed"
    assert resolve_key(spec) == "from-environment"


def test_white_space_around_a_key_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", " from-environment\n")
    assert resolve_key(ModelSpec(provider="groq"), " ") == "from-environment"
    with answering(200, json.dumps({"data": [{"id": "some-model"}]})) as base_url:
        assert check_connection(compatible(base_url), api_key=f"{KEY}\n").ok


@pytest.mark.parametrize("key", ["ключ-ключ-ключ", "sk-in\nner", "sk-\x00zero"])
def test_a_key_with_invalid_characters_is_refused(key: str) -> None:
    with flaky() as base_url:
        run = run_on(compatible(base_url), key)
        check = check_connection(compatible(base_url), api_key=key)
    assert run.ended is not None
    assert run.ended.error == "WrongKey"
    assert check.authorised is False
    assert "characters" in run.ended.reason
    assert "characters" in check.sentence


def test_the_scripted_model_is_labelled_with_its_preset_or_its_figures() -> None:
    labels = {model_label(ModelSpec(provider="scripted", pace=pace)) for pace in PRESETS.values()}
    assert labels == {f"Scripted, no AI ({name})" for name in PRESETS}
    odd = ModelSpec(provider="scripted", pace=Pace(ttft_ms=7, tokens_per_s=9))
    assert model_label(odd) == "Scripted, no AI (7 ms, 9 tok/s)"
