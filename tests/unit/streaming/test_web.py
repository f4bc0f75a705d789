"""Health, metrics, and what a client who asks too often gets."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from streaming.web import ROUTES, ClientLimit


def client(most: int) -> TestClient:
    return TestClient(Starlette(routes=ROUTES, middleware=[Middleware(ClientLimit, most=most)]))


def test_health_says_that_a_run_can_start() -> None:
    answer = client(1).get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"


def test_metrics_are_in_prometheus_format() -> None:
    answer = client(5).get("/api/metrics")
    assert answer.status_code == 200
    assert "streaming_lab_runs_running" in answer.text


def test_a_client_who_asks_too_often_is_told_when_to_come_back() -> None:
    with client(2) as asking:
        assert [asking.get("/api/metrics").status_code for _ in range(3)] == [200, 200, 429]
        refused = asking.get("/api/nothing")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert asking.get("/healthz").status_code == 200, "health is not counted"
