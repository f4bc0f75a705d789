"""A transient error is retried, a silent provider is given up, and no token is shown twice."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from streaming.core.errors import TooSlow
from streaming.core.events import Attempt, Fallback
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.retry_policy import RetryPolicy
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.providers.call_policy import CallPolicy
from streaming.providers.factory import open_model
from streaming.providers.transient_errors import is_transient, pause_before, retry_after_s
from tests.support.provider_runs import compatible, run_on
from tests.support.provider_servers import flaky

QUICK = RetryPolicy(initial_backoff_s=0.01)


async def answer_of(
    base_url: str, retry_policy: RetryPolicy = QUICK, *, events: list[Any] | None = None, **limits: float
) -> tuple[str, list[Any]]:
    events = [] if events is None else events
    spec = ModelSpec(provider="compatible", base_url=base_url, model="m")
    model = await open_model(
        spec, api_key="k", policy=CallPolicy(limits=Limits(**limits), retry_policy=retry_policy, on_event=events.append)
    )
    text = "".join([str(chunk.text) async for chunk in model.astream([HumanMessage("Hello")])])
    return text, events


async def test_a_busy_provider_is_retried_and_each_attempt_is_reported() -> None:
    with flaky((429, {"Retry-After": "0"}), (503, {})) as base_url:
        text, events = await answer_of(base_url)
    assert text.strip() == "It is so."
    assert [(event.number, event.of, event.reason) for event in events] == [(2, 3, "status 429"), (3, 3, "status 503")]
    assert events[0].pause_s == 0.0


async def test_the_error_of_the_last_attempt_is_raised() -> None:
    with flaky(*[(500, {})] * 5) as base_url, pytest.raises(Exception, match="500"):
        await answer_of(base_url)


async def test_a_pause_above_the_maximum_ends_the_retries() -> None:
    with flaky((429, {"Retry-After": "3600"})) as base_url, pytest.raises(Exception, match="429"):
        await answer_of(base_url)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_permanent_error_is_not_retried(status: int) -> None:
    events: list[Any] = []
    with flaky((status, {}), (status, {})) as base_url, pytest.raises(Exception, match=str(status)):
        await answer_of(base_url, events=events)
    assert events == []


async def test_a_provider_that_does_not_begin_in_time_is_retried() -> None:
    with flaky(stall_after=0) as base_url, pytest.raises(TooSlow, match="did not begin within") as caught:
        await answer_of(base_url, RetryPolicy(max_attempts=2, initial_backoff_s=0.0), ttft_s=0.2)
    assert not caught.value.answer_started


async def test_silence_in_the_middle_is_not_retried() -> None:
    with flaky(stall_after=2) as base_url, pytest.raises(TooSlow, match="in the middle") as caught:
        await answer_of(base_url, idle_s=0.2)
    assert caught.value.answer_started


def test_a_run_logs_its_attempts_and_shows_each_token_once() -> None:
    with flaky((503, {"Retry-After": "0"})) as base_url:
        run = run_on(compatible(base_url))
    assert run.status == "Completed", run.ended
    assert [type(entry.event) for entry in run.events].count(Attempt) == 1
    assert not [entry for entry in run.events if isinstance(entry.event, Fallback)]
    assert apply_all(MetricsCollector(), run.events).metrics().attempts == 2
    assert [message.text.strip() for message in apply_all(Messages(), run.events).answers()] == ["It is so."]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Sat, 21 Nov 2026 10:00:09 GMT", 9.0), ("soon", None), ("", None)],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    error: Any = SimpleNamespace(response=SimpleNamespace(headers={"retry-after": header}))
    assert retry_after_s(error, now=datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)) == seconds


def test_backoff_stays_below_its_maximum_and_ends_with_the_last_attempt() -> None:
    for wrong in ({"max_attempts": 0}, {"max_backoff_s": -1}, {"initial_backoff_s": -1}):
        with pytest.raises(ValueError, match="retry policy"):
            RetryPolicy(**wrong)  # type: ignore[arg-type]
    retry_policy = RetryPolicy(max_attempts=9, initial_backoff_s=1.0, max_backoff_s=4.0)
    pauses = [pause_before(retry_policy, attempt, ConnectionError()) or 0.0 for attempt in range(2, 10)]
    assert max(pauses) <= 4.0
    assert pause_before(retry_policy, 10, ConnectionError()) is None
    assert not is_transient(ValueError("x"))
