"""What a misbehaving provider does to a run: one sentence, one advice, and never the key."""

import json
from typing import Any

import pytest
from langchain_groq import ChatGroq
from pydantic import TypeAdapter, ValidationError

from graphs import GRAPHS
from streaming.core.events import Attempt, Token
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.providers.call_policy import CallPolicy
from streaming.providers.catalogue import resolve_key
from streaming.providers.connection_check import check_connection
from streaming.providers.error_mapping import to_lab_error
from streaming.providers.factory import open_model
from streaming.providers.redaction import redact, redact_error
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.provider_servers import answering, dead_endpoint, flaky, redirecting, refusing_to_stream

KEY = "sk-planted-key-0123456789"


def compatible(base_url: str) -> ModelSpec:
    return ModelSpec(provider="compatible", base_url=base_url, model="some-model")


def run_on(spec: ModelSpec, key: str | None = KEY, second: ModelSpec | None = None) -> Run:
    request = RunRequest(
        graph=GRAPHS["chat"], model=spec, fallback_model=second, modes=("messages", "updates"), prompt="Hello"
    )
    return finish(Engine().start(request, api_key=key))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}"}}), "WrongKey"),
        (403, "{}", "WrongKey"),
        (404, json.dumps({"error": {"message": "The model `some-model` does not exist"}}), "UnknownModel"),
        (404, "not found", "NotAnLLM"),
        (400, json.dumps({"error": {"message": "maximum context length is 8192"}}), "ContextOverflow"),
        (400, json.dumps({"error": {"message": "some-model does not support tools"}}), "NoTools"),
        (429, json.dumps({"error": {"message": "slow down"}}), "RateLimited"),
        (500, json.dumps({"error": {"message": f"oops {KEY}"}}), "ProviderFailed"),
        (200, json.dumps({"hello": "world"}), "NotAnLLM"),
    ],
)
def test_each_answer_gets_its_own_error(status: int, body: str, error: str) -> None:
    with answering(status, body) as base_url:
        run = run_on(compatible(base_url))
    assert run.ended is not None
    assert (run.status, run.ended.error) == ("Failed", error), run.ended.reason
    assert run.ended.advice
    assert "*" not in run.ended.advice, "it is shown as it is written"
    assert "Model settings" not in run.ended.advice, "/faults has none"
    assert KEY not in repr(run.events)


@pytest.mark.parametrize("empty", [False, True])
def test_a_provider_that_will_not_stream_is_asked_for_the_whole_answer(empty: bool) -> None:
    with refusing_to_stream("It is so.", empty=empty) as base_url:
        run = run_on(compatible(base_url))
    assert run.status == "Completed", run.ended
    metrics = apply_all(MetricsCollector(), run.events).metrics()
    assert metrics.fallback is not None
    assert metrics.fallback.lost_s > 0
    assert ("empty stream" if empty else "refuses") in metrics.fallback.reason
    assert [message.text for message in apply_all(Messages(), run.events).spoken()] == ["It is so."]
    assert metrics.output_tokens == 5


@pytest.mark.parametrize("healthy", [True, False])
def test_a_second_model_that_cannot_be_had_changes_nothing(healthy: bool) -> None:
    with flaky(*[(401, {})] * (not healthy)) as base_url:
        run = run_on(compatible(base_url), second=ModelSpec(provider="openai"))
    assert run.ended is not None
    assert (run.status, run.ended.error) == (("Completed", "") if healthy else ("Failed", "WrongKey"))


def test_what_a_provider_says_in_the_middle_is_quoted_with_one_full_stop() -> None:
    piece = {"index": 0, "delta": {"content": "It is"}, "finish_reason": None}
    begun = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [piece]}
    stream = f"data: {json.dumps(begun)}\n\n" + 'data: {"error": {"message": "The engine is overloaded."}}\n\n'
    with answering(200, stream, content_type="text/event-stream") as base_url:
        run = run_on(compatible(base_url))
    assert run.ended is not None
    assert run.ended.reason == "The answer broke off: the provider said “The engine is overloaded”."


def test_a_web_page_is_told_from_an_llm() -> None:
    with answering(200, "<html><h1>Welcome</h1></html>", content_type="text/html") as base_url:
        run = run_on(compatible(base_url))
    assert run.ended is not None
    assert run.ended.error == "NotAnLLM", run.ended.reason


@pytest.mark.parametrize("provider", ["compatible", "openai", "groq"])
def test_a_redirect_is_not_followed_and_called_what_it_is(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with flaky() as inner, redirecting(f"{inner}/chat/completions") as base_url:
        for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "GROQ_API_BASE"):
            monkeypatch.setenv(name, base_url)
        run = run_on(ModelSpec(provider=provider, base_url=base_url, model="m"))
    assert run.ended is not None
    assert run.status == "Failed"
    assert "status 307" in run.ended.reason
    assert not [event for event in run.events if isinstance(event.event, Attempt | Token)]


async def test_a_proxy_for_openai_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_PROXY", dead_endpoint())
    with answering(200, "{}") as base_url:
        model = await open_model(compatible(base_url), policy=CallPolicy(retry_policy=RetryPolicy(max_attempts=1)))
        with pytest.raises(Exception, match="Connection"):
            await model.ainvoke("x")


def test_a_dead_endpoint_is_unreachable() -> None:
    run = run_on(compatible(dead_endpoint()))
    assert run.ended is not None
    assert run.ended.error == "Unreachable"


@pytest.mark.parametrize("provider", ["openai", "groq"])
def test_a_hosted_provider_without_a_key_says_where_to_put_it(provider: str) -> None:
    run = run_on(ModelSpec(provider=provider), key=None)  # type: ignore[arg-type]
    assert run.ended is not None
    assert run.ended.error == "KeyMissing"
    assert "Model settings" in run.ended.advice


async def test_hosted_models_are_the_real_clients_and_hide_their_key() -> None:
    model = await open_model(ModelSpec(provider="groq"), api_key=KEY)
    assert isinstance(model, ChatGroq)
    assert KEY not in repr(model)


def test_the_typed_key_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "from-environment")
    spec = ModelSpec(provider="groq")
    assert resolve_key(spec, "typed") == "typed"
    assert resolve_key(spec) == "from-environment"


def test_redaction_takes_out_known_and_likely_keys_and_cuts() -> None:
    said = redact("secret-1 and gsk_abcdef123456 " + "x" * 500, ["secret-1"])
    assert "secret-1" not in said
    assert "gsk_abc" not in said
    assert len(said) <= 200


def test_an_error_keeps_its_type_and_status_and_loses_its_key() -> None:
    error = ValueError(f"no: {KEY}")
    error.body = {"code": 401, "message": [KEY]}  # type: ignore[attr-defined]
    error.__cause__ = UnicodeDecodeError("utf-8", KEY.encode(), 0, 1, "bad")
    cleaned = redact_error(error, [KEY])
    assert cleaned is error
    assert cleaned.body == {"code": 401, "message": ["[key]"]}  # type: ignore[attr-defined]
    assert KEY not in f"{cleaned!r} {cleaned.__cause__!r}"


def test_an_error_that_cannot_be_changed_is_replaced() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(int).validate_python(KEY)
    cleaned = redact_error(caught.value, [KEY])
    assert isinstance(cleaned, ValueError)
    assert KEY not in f"{cleaned!r} {cleaned}"


def test_an_error_of_the_graph_is_no_error_of_the_model() -> None:
    assert type(to_lab_error(ValueError("mine"), ModelSpec(provider="openai"))).__name__ == "GraphFailed"


@pytest.mark.parametrize(
    ("status", "body", "verdicts"),
    [
        (200, json.dumps({"data": [{"id": "some-model"}]}), (True, True, True)),
        (200, json.dumps({"data": [{"id": "other"}]}), (True, True, False)),
        (401, "{}", (True, False, None)),
        (200, "<html>", (True, None, None)),
    ],
)
def test_check_connection_tells_the_three_things_apart(
    status: int, body: str, verdicts: tuple[bool | None, ...]
) -> None:
    with answering(status, body) as base_url:
        check = check_connection(compatible(base_url), api_key=KEY)
    assert (check.reachable, check.authorised, check.model_exists) == verdicts
    assert KEY not in check.sentence


def test_check_connection_does_not_follow_a_redirect() -> None:
    with (
        answering(200, json.dumps({"data": [{"id": "some-model"}]})) as inner,
        redirecting(f"{inner}/models") as base_url,
    ):
        check = check_connection(compatible(base_url))
    assert (check.reachable, check.model_exists) == (True, None)
    assert "another address" in check.sentence


@pytest.mark.parametrize("key", ["ключ-ключ-ключ", "sk-in\nner", "sk-\x00zero"])
def test_a_key_that_cannot_be_sent_is_refused_with_a_sentence(key: str) -> None:
    with flaky() as base_url:
        run = run_on(compatible(base_url), key)
        check = check_connection(compatible(base_url), api_key=key)
    assert run.ended is not None
    assert run.ended.error == "WrongKey"
    assert check.authorised is False
    assert "characters" in run.ended.reason
    assert "characters" in check.sentence


def test_a_key_loses_the_space_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", " from-environment\n")
    assert resolve_key(ModelSpec(provider="groq"), " ") == "from-environment"
    with answering(200, json.dumps({"data": [{"id": "some-model"}]})) as base_url:
        assert check_connection(compatible(base_url), api_key=f"{KEY}\n").ok


def test_json_that_is_nested_too_deeply_is_no_api() -> None:
    with answering(200, "[" * 100_000) as base_url:
        check = check_connection(compatible(base_url))
        run = run_on(compatible(base_url))
    assert "not as an OpenAI-compatible API" in check.sentence
    assert run.ended is not None
    assert run.ended.error == "NotAnLLM", run.ended.reason


@pytest.mark.parametrize("tail", ["/v1", ":99999999/v1"])
def test_a_check_prints_no_password_of_an_address(tail: str) -> None:
    check = check_connection(compatible(f"http://me:{KEY}@127.0.0.1:1{tail}"))
    assert check.reachable is False
    assert KEY not in check.sentence


def test_check_connection_of_a_dead_endpoint() -> None:
    assert check_connection(compatible(dead_endpoint())).reachable is False
