"""Runs over HTTP: started, looked at, followed in every protocol, cut and resumed, stopped, and refused."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import httpx_sse
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from streaming.core.events import CheckpointSaved, Values
from streaming.core.graph_description import GraphDescription
from streaming.core.request import RunRequest
from streaming.http import guard
from streaming.http.routes import api_routes
from streaming.http.run_routes import facts_of
from streaming.own_graphs.own_graph import OWN_MODEL
from streaming.services import Services, get_services
from streaming.wires.base import wire_events
from streaming.wires.catalogue import WIRE_NAMES, WIRES, WireName
from tests.support.graphs import Source, one_node, speak
from tests.support.http_server import running
from tests.support.services import Configure

QUICK: dict[str, Any] = {"graph": "chat", "prompt": "Hello", "ttft_ms": 0, "tokens_per_s": 5000, "tokens": 20}
SLOW = {**QUICK, "tokens_per_s": 5, "tokens": 2000}
TOKEN = "a token of the operator"


@pytest.fixture
def api() -> Iterator[TestClient]:
    with TestClient(Starlette(routes=api_routes(get_services()))) as client:
        yield client


def over(services: Services, run_id: str) -> Any:
    run = services.engine.get(run_id)
    assert run is not None
    for _ in run.follow():
        pass
    return run


def exposed(services: Services) -> TestClient:
    return TestClient(Starlette(routes=api_routes(services, local_only=lambda: False)))


def test_a_run_is_started_looked_at_and_has_links(api: TestClient, services: Services) -> None:
    answer = api.post("/api/runs", json=QUICK)
    assert answer.status_code == 201
    started = answer.json()
    assert answer.headers["location"] == started["links"]["run"]
    run = over(services, started["id"])
    assert run.owner == "http"
    assert run.request.limits.events == services.settings.run_events, "the limits are those of a page"
    found = api.get(started["links"]["run"]).json()
    assert (found["status"], found["graph"]) == ("Completed", "chat")
    assert found["answers"][0]["text"]
    assert found["figures"]["ttft_s"] > 0
    assert all(api.get(link).status_code == 200 for name, link in started["links"].items() if name != "live")


def test_a_run_is_started_with_an_input_instead_of_a_prompt(api: TestClient, services: Services) -> None:
    turns = {"messages": [{"role": "user", "content": "My name is Ada."}, {"role": "user", "content": "Who am I?"}]}
    fields = {name: value for name, value in QUICK.items() if name != "prompt"}
    started = api.post("/api/runs", json={**fields, "input": turns, "configurable": {"user": "7"}})
    assert started.status_code == 201
    run = over(services, started.json()["id"])
    assert run.status == "Completed"
    assert run.request.configurable == {"user": "7"}
    first = next(entry.event for entry in run.events if isinstance(entry.event, Values))
    assert [message["content"] for message in first.state["messages"]] == ["My name is Ada.", "Who am I?"]
    assert api.post("/api/runs", json=fields).status_code == 422, "neither a prompt nor an input"
    again = api.post("/api/runs", json={"previous_run": run.id, "input": turns})
    assert again.status_code == 422
    assert "previous_run" in again.json()["error"]


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"graph": "unknown"}, 404, "no graph named “unknown”. It has joke, "),
        ({"prompt": " "}, 422, "prompt"),
        ({"prompt": "x" * 20_001}, 422, "the limit is 20,000"),
        ({"modes": ["values", "values"]}, 422, "named twice"),
        ({"modes": ["vlaues"]}, 422, "modes"),
        ({"tokens_per_s": 0}, 422, "tokens_per_s"),
        ({"tokens": 9_000}, 422, "the limit is 8,192"),
        ({"api_key": "sk-secret"}, 422, "api_key"),
        ({"configurable": {"__pregel_read": 1}}, 422, "configurable"),
        ({"graph": "retrieval", "context": {"order": "none"}}, 422, "Context: order: 'none' is not one of"),
        ({"graph": "retrieval", "context": {"pace": 1}}, 422, "'pace' was unexpected"),
        ({"model": "compatible"}, 422, "model"),
        ({"model": "openai"}, 422, "no key for OpenAI"),
    ],
)
def test_what_cannot_run_is_refused_with_a_sentence(
    api: TestClient, change: dict[str, Any], status: int, sentence: str
) -> None:
    answer = api.post("/api/runs", json={**QUICK, **change})
    assert answer.status_code == status
    assert sentence in answer.json()["error"]
    assert "sk-secret" not in answer.text


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"graph": "\xff"}', b"[" * 10_000])
def test_a_body_that_is_no_request_is_refused(api: TestClient, body: bytes) -> None:
    answer = api.post("/api/runs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["error"]


def test_a_question_is_answered_a_checkpoint_forked_and_the_next_prompt_said(
    api: TestClient, services: Services
) -> None:
    first = api.post("/api/runs", json={**QUICK, "graph": "approval", "modes": ["updates", "checkpoints"]}).json()
    over(services, first["id"])
    pending = api.get(first["links"]["run"]).json()["pending"]
    assert all(question["schema"] is None for question in pending)
    answers = {one["id"]: "mail" if "options" in one["value"] else {"action": "approve"} for one in pending}
    follow = {"previous_run": first["id"]}
    assert api.post("/api/runs", json=follow).status_code == 409, "it asks, and nothing is answered"
    refused = api.post("/api/runs", json={**follow, "answers": {"unknown": 1}})
    assert refused.status_code == 409
    assert "asks no question with the id “unknown”." in refused.json()["error"]
    assert f"{pending[0]['id']} of {pending[0]['node']}" in refused.json()["error"]
    answers[pending[0]["node"]] = answers.pop(pending[0]["id"])
    second = api.post("/api/runs", json={**follow, "answers": answers}).json()
    ended = over(services, second["id"])
    assert (second["thread_id"], ended.ended.outcome) == (first["thread_id"], "completed")
    assert ended.request.modes == ("updates", "checkpoints"), "those of the run"
    assert api.post("/api/runs", json={**follow, "answers": answers}).status_code == 409, "answered already"

    checkpoints = [entry.event for entry in ended.events if isinstance(entry.event, CheckpointSaved)]
    fork = {"previous_run": second["id"], "checkpoint_id": checkpoints[0].checkpoint_id}
    forked = over(services, api.post("/api/runs", json=fork).json()["id"])
    assert forked.request.fork is not None
    assert forked.ended.outcome in ("completed", "interrupted")
    fork["checkpoint_id"] = "unknown"
    assert api.post("/api/runs", json=fork).status_code == 409


def test_the_next_turn_of_a_conversation_and_an_unknown_run(api: TestClient, services: Services) -> None:
    first = api.post("/api/runs", json=QUICK).json()
    over(services, first["id"])
    second = api.post("/api/runs", json={"previous_run": first["id"], "prompt": "And then?"}).json()
    assert over(services, second["id"]).ended.outcome == "completed"
    assert second["thread_id"] == first["thread_id"]
    assert api.post("/api/runs", json={"previous_run": "unknown", "prompt": "x"}).status_code == 404
    assert api.post("/api/runs", json={"prompt": "x"}).status_code == 422


def test_a_graph_that_the_history_knows_by_its_name_keeps_its_own_model(api: TestClient, services: Services) -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Elsewhere(Source):
        description: GraphDescription

    graph = Elsewhere(builder=one_node(speak), given={}, name="theirs", description=GraphDescription())
    services.graphs.load_by(lambda: [graph])
    named = services.graphs.named("theirs")
    first = services.engine.start(RunRequest(graph=named, model=OWN_MODEL, modes=("values",), prompt="go"))
    over(services, first.id)
    second = api.post("/api/runs", json={"previous_run": first.id, "prompt": "And then?", "max_tokens": 50}).json()
    assert over(services, second["id"]).request.model == OWN_MODEL


def test_a_body_that_is_too_large_or_a_form_is_refused(api: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert api.post("/api/runs", data={"graph": "chat"}).status_code == 415
    assert api.post("/api/runs", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    monkeypatch.setattr(guard, "MAX_BODY", 10)
    assert api.post("/api/runs", json=QUICK).status_code == 413


async def _read(*messages: Any) -> Any:
    """What `read_json` makes of a body of these messages, of which the last one never ends."""
    left = iter(messages)

    async def receive() -> Any:
        if (message := next(left, None)) is None:
            await asyncio.Event().wait()
        return message

    headers = [(b"content-type", b"application/json")]
    return await guard.read_json(Request({"type": "http", "method": "POST", "headers": headers}, receive))


async def test_a_body_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_S", 0.01)
    answer = await _read({"type": "http.request", "body": b"{", "more_body": True})
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")


async def test_a_client_that_leaves_in_the_middle_of_a_body_is_no_error() -> None:
    answer = await _read({"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"})
    assert answer.status_code == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_a_page_of_another_origin_can_neither_start_nor_stop(api: TestClient, origin: str) -> None:
    started = api.post("/api/runs", json=SLOW).json()
    headers = {"Origin": origin}
    assert api.post("/api/runs", json=QUICK, headers=headers).status_code == 403
    assert api.delete(started["links"]["run"], headers=headers).status_code == 403
    assert api.delete(started["links"]["run"], headers={"Origin": "http://testserver"}).status_code == 202


def test_an_exposed_server_without_a_token_starts_and_stops_nothing(services: Services) -> None:
    answer = exposed(services).post("/api/runs", json=QUICK)
    assert answer.status_code == 403
    assert "STREAMING_LAB_API_TOKEN" in answer.json()["error"]
    assert exposed(services).delete("/api/runs/guess").status_code == 403
    assert not services.engine.registry.runs()


def test_with_a_token_only_its_owner_starts_and_stops(configure: Configure) -> None:
    services = configure(api_token=TOKEN)
    api = exposed(services)
    for wrong in ({}, {"Authorization": "Bearer guess"}, {"Authorization": TOKEN}, {"Authorization": "Bearer ü"}):
        sent = {name: value.encode() for name, value in wrong.items()}
        answer = api.post("/api/runs", json=QUICK, headers=sent)  # type: ignore[arg-type]
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert TOKEN not in answer.text
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    started = api.post("/api/runs", json=SLOW, headers=bearer).json()
    assert api.delete(started["links"]["run"]).status_code == 401
    assert api.delete(started["links"]["run"], headers=bearer).status_code == 202
    assert over(services, started["id"]).status == "Cancelled"
    assert api.get("/api/openapi.json").json()["paths"]["/api/runs"]["post"]["security"] == [{"token": []}]


def test_a_run_of_a_browser_belongs_to_its_cookie(api: TestClient, services: Services) -> None:
    owners = services.signed_owners
    signed = owners.new()
    api.cookies.set(owners.cookie, signed)
    started = api.post("/api/runs", json=QUICK).json()
    assert over(services, started["id"]).owner == owners.owner_in(signed)


def test_an_unknown_run_and_an_unknown_protocol_have_sentences(api: TestClient) -> None:
    for answer in (api.get("/api/runs/guess"), api.delete("/api/runs/guess"), api.get("/api/runs/guess/events")):
        assert answer.status_code == 404
        assert answer.json()["error"]
    answer = api.get("/api/runs/guess/events?as=morse")
    assert answer.status_code == 400
    assert "ag-ui" in answer.json()["error"]


async def test_every_protocol_is_followed_live_cut_and_resumed() -> None:
    """The client is httpx-sse; it leaves in the middle of the run and comes back after the end."""
    services = get_services()
    with running(Starlette(routes=api_routes(services))) as address:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=20) as client:
            slow = {**QUICK, "tokens_per_s": 300, "tokens": 60}
            started = (await client.post("/api/runs", json=slow)).json()
            await asyncio.gather(*(follow_in_parts(client, started["links"], name) for name in WIRE_NAMES))


async def follow_in_parts(client: httpx.AsyncClient, links: dict[str, str], name: WireName) -> None:
    found: list[httpx_sse.ServerSentEvent] = []
    async with httpx_sse.aconnect_sse(client, "GET", links[name]) as source:
        for header, value in WIRES[name].headers.items():
            assert source.response.headers[header] == value
        async for event in source.aiter_sse():
            found.append(event)
            if len(found) == 12:
                break
    async with httpx_sse.aconnect_sse(client, "GET", links[name], headers={"Last-Event-ID": found[-1].id}) as source:
        found.extend([event async for event in source.aiter_sse()])
    run = get_services().engine.get(links["run"].rpartition("/")[2])
    assert run is not None
    whole = wire_events(WIRES[name].make(facts_of(run)), run.events)
    assert [(event.data, event.id) for event in found] == [(event.data, str(event.id)) for event in whole]
    done = await client.get(links[name], headers={"Last-Event-ID": found[-1].id})
    assert done.status_code == 204, "an EventSource that has everything must not come again"
