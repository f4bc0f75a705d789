"""A provider that cannot stream, or fails, is answered for; what has begun is not repeated."""

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from streaming.core.events import Attempt, Fallback, Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.retry_policy import RetryPolicy
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.providers.call_policy import CallPolicy
from streaming.providers.factory import open_model
from tests.support.provider_runs import compatible, run_on
from tests.support.provider_servers import answering, flaky, redirecting, refusing_to_stream


@pytest.mark.parametrize("empty", [False, True])
def test_a_provider_that_refuses_to_stream_is_asked_for_the_whole_answer(empty: bool) -> None:
    with refusing_to_stream("It is so.", empty=empty) as base_url:
        run = run_on(compatible(base_url))
    assert run.status == "Completed", run.ended
    metrics = apply_all(MetricsCollector(), run.events).metrics()
    assert metrics.fallback is not None
    assert metrics.fallback.lost_s > 0
    assert ("empty stream" if empty else "refuses") in metrics.fallback.reason
    assert [message.text for message in apply_all(Messages(), run.events).answers()] == ["It is so."]
    assert metrics.output_tokens == 5


@pytest.mark.parametrize("healthy", [True, False])
def test_a_fallback_that_cannot_be_opened_changes_nothing(healthy: bool) -> None:
    with flaky(*[(401, {})] * (not healthy)) as base_url:
        run = run_on(compatible(base_url), fallback=ModelSpec(provider="openai"))
    assert run.ended is not None
    assert (run.status, run.ended.error) == (("Completed", "") if healthy else ("Failed", "WrongKey"))


def test_an_error_in_the_middle_of_a_stream_is_quoted_with_one_full_stop() -> None:
    piece = {"index": 0, "delta": {"content": "It is"}, "finish_reason": None}
    begun = {"id": "1", "object": "chat.completion.chunk", "model": "m", "choices": [piece]}
    stream = f"data: {json.dumps(begun)}\n\n" + 'data: {"error": {"message": "The engine is overloaded."}}\n\n'
    with answering(200, stream, content_type="text/event-stream") as base_url:
        run = run_on(compatible(base_url))
    assert run.ended is not None
    assert run.ended.reason == "The answer broke off: the provider reported “The engine is overloaded”."


@pytest.mark.parametrize("provider", ["compatible", "openai", "groq"])
def test_a_redirect_is_reported_and_not_followed(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with flaky() as inner, redirecting(f"{inner}/chat/completions") as base_url:
        for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "GROQ_API_BASE"):
            monkeypatch.setenv(name, base_url)
        run = run_on(ModelSpec(provider=provider, base_url=base_url, model="m"))
    assert run.ended is not None
    assert run.status == "Failed"
    assert "status 307" in run.ended.reason
    assert not [event for event in run.events if isinstance(event.event, Attempt | Token)]


FALLBACK = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000))


def test_the_answer_of_a_fallback_names_its_own_model_in_the_log() -> None:
    with flaky((401, {})) as base_url:
        run = run_on(compatible(base_url), fallback=FALLBACK)
    assert run.status == "Completed", run.ended
    (metadata,) = [e.event.metadata for e in run.events if isinstance(e.event, Token) and e.event.metadata]
    assert (metadata["ls_provider"], metadata["ls_model_name"]) == ("scripted", "scripted")


def test_an_answer_names_the_provider_of_the_lab_and_not_that_of_its_client() -> None:
    with flaky() as base_url:
        run = run_on(compatible(base_url), fallback=FALLBACK)
    (metadata,) = [e.event.metadata for e in run.events if isinstance(e.event, Token) and e.event.metadata]
    assert (metadata["ls_provider"], metadata["ls_model_name"]) == ("compatible", "some-model")


@pytest.mark.parametrize("stream", [True, False])
async def test_a_message_of_a_fallback_names_its_model_once(stream: bool) -> None:
    with flaky((401, {})) as base_url:
        model = await open_model(compatible(base_url), policy=CallPolicy(fallback_model=FALLBACK))
        if stream:
            chunks = [chunk async for chunk in model.astream([HumanMessage("Hello")])]
            signed = [chunk.response_metadata.get("ls_model_name") for chunk in chunks]
            assert signed[0] == "scripted"
            assert not any(signed[1:])
        else:
            message = await model.ainvoke([HumanMessage("Hello")])
            assert isinstance(message, AIMessage)
            assert message.response_metadata["ls_provider"] == "scripted"


async def test_a_whole_answer_is_retried_and_each_attempt_is_reported() -> None:
    events: list[Any] = []
    policy = CallPolicy(retry_policy=RetryPolicy(initial_backoff_s=0.0), on_event=events.append)
    refused = json.dumps({"error": {"message": "slow down"}})
    with answering(429, refused, headers={"Retry-After": "0"}) as base_url:
        model = await open_model(compatible(base_url), policy=policy)
        with pytest.raises(Exception, match="429"):
            await model.ainvoke([HumanMessage("Hello")])
    assert [(event.number, event.of, event.reason, event.pause_s) for event in events] == [
        (2, 3, "status 429", 0.0),
        (3, 3, "status 429", 0.0),
    ]


@pytest.mark.parametrize(
    ("fields", "whole"),
    [
        ({"message": "no", "param": "stream"}, True),
        ({"message": "This model does not stream"}, True),
        ({"message": "Upstream closed", "param": "model"}, False),
    ],
)
async def test_only_a_refusal_of_the_stream_asks_for_a_whole_answer(fields: dict[str, str], whole: bool) -> None:
    events: list[Any] = []
    with answering(400, json.dumps({"error": fields})) as base_url:
        model = await open_model(compatible(base_url), policy=CallPolicy(on_event=events.append))
        with pytest.raises(Exception, match="400"):
            assert [chunk async for chunk in model.astream([HumanMessage("Hello")])]
    assert [type(event) for event in events] == [Fallback] * whole
