"""Endpoints of the fault server belong to the runs that use them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from graphs import GRAPHS
from streaming.core.events import Ended, ProviderStep
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.plan import FaultPlan
from streaming.faults.server import MAX_IDLE_ENDPOINTS, MAX_IDLE_S, Endpoint, FaultServer
from streaming.recordings.format import Recording, dump_recording, header_of, load_recording
from streaming.services import Services
from tests.support.graphs import finish

PLAN = FaultPlan(ttft_s=0.0, tokens_per_s=5000)


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def server(now: list[float]) -> Iterator[FaultServer]:
    server = FaultServer(clock=lambda: now[0])
    yield server
    server.close()


def request_to(endpoint: Endpoint) -> RunRequest:
    return RunRequest(
        graph=GRAPHS["chat"],
        model=ModelSpec(provider="compatible", base_url=endpoint.base_url, model="fault-lab", max_tokens=20),
        modes=("messages",),
        prompt="Hello",
        limits=Limits(runs_per_minute=None),
        retry_policy=RetryPolicy(initial_backoff_s=0.0),
    )


def run_on(endpoint: Endpoint) -> Run:
    return Run(request_to(endpoint), thread_id="t")


def steps(run: Run) -> list[str]:
    return [entry.event.text for entry in run.events if isinstance(entry.event, ProviderStep)]


def test_an_unfinished_run_keeps_its_endpoint_however_many_others_open(server: FaultServer) -> None:
    mine, idle = server.open(PLAN), server.open(PLAN)
    server.attach(run_on(mine))
    for _ in range(MAX_IDLE_ENDPOINTS):
        server.open(PLAN)
    assert server.find(idle.base_url) is None
    assert server.find(mine.base_url) is mine
    assert httpx.get(f"{mine.base_url}/models").status_code == 200


def test_the_endpoint_of_an_ended_run_stays_open_for_a_while_so_that_it_can_be_continued(
    server: FaultServer, now: list[float]
) -> None:
    endpoint = server.open(PLAN)
    run = run_on(endpoint)
    server.attach(run)
    now[0] = 2 * MAX_IDLE_S
    server.release(run)
    server.open(PLAN)
    assert server.find(endpoint.base_url) is endpoint
    now[0] += MAX_IDLE_S + 1
    server.open(PLAN)
    assert server.find(endpoint.base_url) is None


def test_steps_from_before_the_run_and_during_it_are_logged_once_and_none_after_its_end(server: FaultServer) -> None:
    endpoint = server.open(FaultPlan(fault="refused", when="before", times=0))
    run = run_on(endpoint)
    server.attach(run)
    assert steps(run) == [], "it has not begun"
    run.begin()
    endpoint.note("listens again")
    assert steps(run) == ["stops listening", "listens again"]
    run.append(Ended(outcome="completed"))
    endpoint.note("notices that the client has left")
    assert steps(run)[-1] == "listens again"
    second = run_on(endpoint)
    server.attach(second)
    second.begin()
    assert steps(second) == [], "they belong to the first run"


def test_the_steps_of_the_server_are_in_the_recording_of_a_run(services: Services) -> None:
    endpoint = services.fault_server.open(replace(PLAN, fault="503", when="before"))
    run = finish(services.engine.start(request_to(endpoint), api_key="k"))
    assert run.status == "Completed"
    assert "call 1: 503 Service Unavailable" in steps(run)
    recording = Recording(header=header_of(run.id, datetime.now(UTC), run.request), events=run.events)
    assert load_recording(dump_recording(recording)).events == run.events
