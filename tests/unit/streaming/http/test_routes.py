"""Health, metrics, the events of a run over HTTP, and what a client who asks too often gets."""

import re
import socket
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from graphs import GRAPHS
from streaming.config.settings import load_settings
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http.client_limit import ClientLimit
from streaming.http.routes import api_routes
from streaming.recordings import playable
from streaming.recordings.library import open_recording, recording_names
from streaming.runtime.engine import Engine
from streaming.services import Services, get_services, installed
from tests.support.app_test import ROOT
from tests.support.http_server import running
from tests.support.services import Configure


def client(most: int) -> TestClient:
    return TestClient(
        Starlette(routes=api_routes(get_services()), middleware=[Middleware(ClientLimit, per_minute=most)])
    )


def test_health_says_that_a_run_can_start() -> None:
    answer = client(1).get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_health_says_why_no_run_can_start_and_asks_no_more_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked, troubles = [0.0], [], ["The file for threads cannot be used.", None]
    services = Services(load_settings(), clock=lambda: now[0])

    def trouble(engine: Engine, *, timeout_s: float) -> str | None:
        asked.append(timeout_s)
        return troubles[0]

    monkeypatch.setattr(Engine, "checkpointer_error", trouble)
    with installed(services):
        for _ in range(3):
            answer = client(1).get("/healthz")
            assert answer.status_code == 503
            assert "file for threads" in answer.json()["reason"]
        assert len(asked) == 1
        troubles[0], now[0] = None, 10.0
        assert client(1).get("/healthz").status_code == 200, "it recovers"


def test_metrics_are_in_prometheus_format() -> None:
    answer = client(5).get("/api/metrics")
    assert answer.status_code == 200
    assert "streaming_lab_runs_running" in answer.text


def test_a_client_over_the_limit_gets_429_with_retry_after() -> None:
    with client(2) as asking:
        assert [asking.get("/api/metrics").status_code for _ in range(3)] == [200, 200, 429]
        refused = asking.get("/api/nothing")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert asking.get("/healthz").status_code == 200, "health is not counted"


@pytest.mark.parametrize(("trusted", "last"), [(False, 429), (True, 404)])
def test_another_name_in_a_header_is_another_client_only_where_a_proxy_is_trusted(trusted: bool, last: int) -> None:
    limit = Middleware(ClientLimit, per_minute=2, trust_proxy=trusted)
    with running(Starlette(routes=api_routes(get_services()), middleware=[limit])) as address:
        asked = [
            httpx.get(f"http://{address}/api/runs/nobody/events", headers={"X-Forwarded-For": f"10.0.0.{place}"})
            for place in range(3)
        ]
    assert [answer.status_code for answer in asked] == [404, 404, last]


@pytest.fixture
def server() -> Iterator[str]:
    """The routes on a real socket."""
    with running(Starlette(routes=api_routes(get_services()))) as address:
        yield address


def begun(tokens: int, tokens_per_s: float = 100_000) -> Run:
    model = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=tokens_per_s, jitter=0, tokens=tokens))
    return get_services().engine.start(
        RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello")
    )


def test_an_unknown_run_is_not_found() -> None:
    assert client(1).get("/api/runs/nobody/events").status_code == 404


def test_the_events_of_a_run_come_as_server_sent_events_and_go_on_after_the_last_one_seen(server: str) -> None:
    run = begun(30)
    said = httpx.get(f"http://{server}/api/runs/{run.id}/events", timeout=20).text
    ids = [int(found) for found in re.findall(r"^id: (\d+)", said, re.MULTILINE)]
    assert ids == list(range(run.length))
    assert re.findall(r"^event: (\w+)", said, re.MULTILINE)[-1] == "ended"
    rest = httpx.get(f"http://{server}/api/runs/{run.id}/events", headers={"Last-Event-ID": str(ids[-3])}, timeout=20)
    assert rest.text.count("id: ") == 2
    over = httpx.get(f"http://{server}/api/runs/{run.id}/events", headers={"Last-Event-ID": str(ids[-1])}, timeout=20)
    assert over.status_code == 204, "an EventSource that has everything shall not come again"


def test_the_events_of_a_run_of_an_earlier_server_come_from_the_history(
    services: Services, configure: Configure
) -> None:
    run = begun(30)
    for _ in run.follow():
        pass
    services.close()
    with running(Starlette(routes=api_routes(configure()))) as address:
        said = httpx.get(f"http://{address}/api/runs/{run.id}/events", timeout=20).text
        gone = httpx.get(f"http://{address}/api/runs/gone/events", timeout=20)
    assert said.count("id: ") == run.length
    assert gone.status_code == 404


def test_followers_beyond_the_limit_are_refused_with_a_time_to_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.http.routes.MAX_FOLLOWERS", 0)
    run = begun(3)
    refused = client(5).get(f"/api/runs/{run.id}/events")
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0


def test_an_absurd_last_event_id_counts_as_none(server: str) -> None:
    run = begun(3)
    absurd = {"Last-Event-ID": "9" * 5000}
    answer = httpx.get(f"http://{server}/api/runs/{run.id}/events", headers=absurd, timeout=20)
    assert answer.status_code == 200
    assert "id: 0" in answer.text


def test_a_client_that_does_not_read_neither_slows_the_run_nor_misses_anything(server: str) -> None:
    host, _, port = server.partition(":")
    run = begun(8000)
    with socket.create_connection((host, int(port))) as lazy:
        lazy.sendall(f"GET /api/runs/{run.id}/events HTTP/1.1\r\nHost: {server}\r\n\r\n".encode())
        for _ in run.follow():
            pass
        assert run.status == "Completed", "nobody waited for the client"
        lazy.settimeout(30)
        received = b""
        while not received.endswith(b"0\r\n\r\n"):
            received += lazy.recv(1_000_000)
    assert len(re.findall(rb"^id: \d+", received, re.MULTILINE)) == run.length


def test_a_recording_is_loaded_by_its_secret_id_only() -> None:
    recording = open_recording(ROOT / "recordings", recording_names(ROOT / "recordings")[0])
    key = get_services().playable_recordings.add(recording)
    answer = client(9).get(f"/api/recordings/{key}")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"].startswith("private")
    assert answer.json()["entries"]
    plain = client(9).get(f"/api/recordings/{key}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == answer.json()
    unknown = client(9).get(f"/api/recordings/{recording.header.run_id}")
    assert unknown.status_code == 404
    assert "Reload the page" in unknown.json()["error"]


def test_a_recording_that_is_too_large_to_play_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playable, "MAX_JSON_BYTES", 1000)
    recording = open_recording(ROOT / "recordings", recording_names(ROOT / "recordings")[0])
    answer = client(9).get(f"/api/recordings/{get_services().playable_recordings.add(recording)}")
    assert answer.status_code == 413
    assert "too large to be played" in answer.json()["error"]
