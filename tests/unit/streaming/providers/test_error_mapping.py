"""Each fault of a provider becomes one error with a sentence and an advice, and never shows the key."""

import json
from typing import Any

import pytest

from streaming.core.events import Attempt
from streaming.core.model_spec import ModelSpec
from streaming.providers.connection_check import check_connection
from streaming.providers.error_mapping import to_lab_error
from tests.support.provider_runs import KEY, compatible, run_on
from tests.support.provider_servers import answering, dead_endpoint


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


def test_a_web_page_is_not_an_llm() -> None:
    with answering(200, "<html><h1>Welcome</h1></html>", content_type="text/html") as base_url:
        run = run_on(compatible(base_url))
    assert run.ended is not None
    assert run.ended.error == "NotAnLLM", run.ended.reason


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    with answering(200, "[" * 100_000) as base_url:
        check = check_connection(compatible(base_url))
        run = run_on(compatible(base_url))
    assert "more than 20,000 objects and lists" in check.sentence
    assert run.ended is not None
    assert run.ended.error == "BrokenStream", run.ended.reason
    assert "more than 500 objects and lists" in run.ended.reason


def test_a_dead_endpoint_is_unreachable() -> None:
    run = run_on(compatible(dead_endpoint()))
    assert run.ended is not None
    assert run.ended.error == "Unreachable"


def test_an_error_of_a_node_is_a_graph_failure() -> None:
    assert type(to_lab_error(ValueError("mine"), ModelSpec(provider="openai"))).__name__ == "GraphFailed"


@pytest.mark.parametrize(
    ("status", "fields", "error"),
    [
        (403, {"message": "no access", "code": "model_not_found"}, "UnknownModel"),
        (400, {"message": "too long", "code": "context_length_exceeded"}, "ContextOverflow"),
        (400, {"message": "too long", "type": "exceed_context_size_error"}, "ContextOverflow"),
        (400, {"message": "no", "param": "tools", "code": "unsupported_parameter"}, "NoTools"),
        (400, {"message": "tools are fine", "param": "top_p", "code": "unsupported_parameter"}, "ProviderFailed"),
        (429, {"message": "pay first", "code": "insufficient_quota"}, "OutOfQuota"),
        (503, {"message": "the connection to the database timed out"}, "ProviderFailed"),
    ],
)
@pytest.mark.parametrize("provider", ["compatible", "groq"])
def test_code_type_and_param_decide_before_the_message(
    provider: Any, status: int, fields: dict[str, str], error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(status, json.dumps({"error": fields}), headers={"Retry-After": "0"}) as base_url:
        monkeypatch.setenv("GROQ_API_BASE", base_url)
        run = run_on(ModelSpec(provider=provider, base_url=base_url, model="some-model"))
    assert run.ended is not None
    assert run.ended.error == error, run.ended.reason


def test_a_used_up_quota_is_not_called_a_rate_limit_and_not_retried() -> None:
    with answering(429, json.dumps({"error": {"message": "pay", "type": "insufficient_quota"}})) as base_url:
        run = run_on(compatible(base_url))
    assert run.ended is not None
    assert "quota" in run.ended.reason
    assert not [entry for entry in run.events if isinstance(entry.event, Attempt)]


@pytest.mark.parametrize("error", [ValueError("choices"), TypeError("null value for"), AttributeError("model_dump")])
def test_words_of_a_client_in_an_error_of_a_node_mean_nothing(error: Exception) -> None:
    assert type(to_lab_error(error, compatible("http://x/v1"))).__name__ == "GraphFailed"


class ConnectTimeoutInMyGarden(Exception):
    """Only its name looks like a client's error."""


def test_the_name_of_a_class_means_nothing() -> None:
    error = ConnectTimeoutInMyGarden("SSL: CERTIFICATE_VERIFY_FAILED")
    assert type(to_lab_error(error, ModelSpec(provider="openai"))).__name__ == "GraphFailed"
