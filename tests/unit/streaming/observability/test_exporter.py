"""Telemetry of runs: where it goes, what it names, and that its errors harm no run."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from streaming.core.queue_stats import QueueStats
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.observability import exporter as module
from streaming.observability.exporter import Telemetry
from streaming.observability.logs import logger
from streaming.providers.catalogue import model_name
from streaming.runtime.engine import Engine
from tests.support.faults import run_into
from tests.support.graphs import QUICK, finish, one_node, speak, start
from tests.support.telemetry import exported, points

KEY = "sk-planted-0123456789"


@pytest.fixture
def collector() -> Iterator[tuple[str, list[str]]]:
    """A server that takes what OTLP sends."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            paths.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


def test_log_metrics_and_trace_name_the_fallback_model_after_a_fallback(
    engine: Engine, fault_server: FaultServer
) -> None:
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    plan = FaultPlan(fault="500", when="before", times=0, calls=3, ttft_s=0, tokens_per_s=4000)
    run = run_into(engine, fault_server.open(plan), retry_policy=RetryPolicy(max_attempts=1), fallback_model=QUICK)
    _, file = exported(run, readers=[reader], processors=[SimpleSpanProcessor(exporter)])
    line = json.loads(file.getvalue())
    assert (line["provider"], line["model"]) == ("scripted", "scripted")
    assert line["asked"] == model_name(run.request.model)
    found = points(reader)
    for name in ("gen_ai.client.token.usage", "gen_ai.invoke_workflow.duration", "streaming_lab.runs"):
        assert {point.attributes["gen_ai.request.model"] for point in found[name]} == {"scripted"}, name
    assert "chat scripted" in {span.name for span in exporter.get_finished_spans()}


def test_log_metrics_and_trace_say_how_an_answer_ended(engine: Engine) -> None:
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    run = finish(start(engine, one_node(speak), {}, model=replace(QUICK, max_tokens=3)))
    _, file = exported(run, readers=[reader], processors=[SimpleSpanProcessor(exporter)])
    assert json.loads(file.getvalue())["answers"] == "cut by length"
    (point,) = points(reader)["streaming_lab.answers"]
    assert (point.attributes["streaming_lab.answer"], point.value) == ("cut by length", 1)
    (span,) = [span for span in exporter.get_finished_spans() if span.name.startswith("chat")]
    assert span.attributes is not None
    assert span.attributes["gen_ai.response.finish_reasons"] == ("length",)
    assert span.attributes["streaming_lab.answer"] == "cut by length"


def test_traces_and_metrics_go_to_the_endpoint_that_is_set(
    engine: Engine, collector: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, paths = collector
    monkeypatch.setenv(module.ENDPOINT, url)
    telemetry = module.open_telemetry(log=logger("off"), stats=lambda: QueueStats(running=0, waiting=0))
    telemetry.record(finish(start(engine, one_node(speak), {})))
    telemetry.close()
    assert {"/v1/traces", "/v1/metrics"} <= set(paths)


def test_telemetry_errors_never_fail_a_run(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(self: Telemetry, run: object) -> None:
        raise RuntimeError(KEY)

    monkeypatch.setattr(Telemetry, "record", broken)
    Telemetry(log=logger("json")).observe(finish(start(engine, one_node(speak), {})))
    written = capsys.readouterr().err
    assert "RuntimeError" in written
    assert KEY not in written


def test_engine_reports_every_run_once() -> None:
    reported: list[Run] = []
    with closing(Engine(on_end=reported.append)) as engine:
        runs = [finish(start(engine, one_node(speak), {})) for _ in range(2)]
    assert sorted(run.id for run in reported) == sorted(run.id for run in runs), "also those that end as it closes"
