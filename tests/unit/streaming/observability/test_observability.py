"""Telemetry of a run: its log line, metrics and trace, which never hold a prompt, an answer or a key."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.queue_stats import QueueStats
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.observability import exporter as module
from streaming.observability.exporter import Telemetry
from streaming.observability.logs import logger
from streaming.observability.metrics import provider_name
from streaming.providers.catalogue import model_name
from streaming.runtime.engine import Engine
from tests.support.faults import run_into, three_calls
from tests.support.graphs import QUICK, finish, one_node, speak, start

DASHBOARD = Path(__file__).parents[4] / "docs" / "grafana.json"
KEY = "sk-planted-0123456789"


def recorded(run: Run, **fields: Any) -> tuple[Telemetry, io.StringIO]:
    file = io.StringIO()
    telemetry = Telemetry(log=logger("json", file), **fields)
    telemetry.record(run)
    return telemetry, file


def test_run_is_one_log_line_with_ids_figures_and_outcome(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}, prompt="a private question"))
    _, file = recorded(run)
    (line,) = file.getvalue().splitlines()
    fields = json.loads(line)
    assert fields["run"] == run.id[:8]
    assert run.id not in line, "the whole id is the right to follow the run"
    assert (fields["outcome"], fields["provider"], fields["graph"]) == ("completed", "scripted", "test")
    assert fields["ttft_ms"] > 0
    assert fields["tokens_per_s"] > 0
    assert fields["output_tokens"] > 0
    assert "private" not in line


@pytest.mark.parametrize("form", ["json", "console"])
def test_keys_passwords_and_terminal_codes_never_reach_the_log(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "an odd key")
    file = io.StringIO()
    log = logger(form, file)
    log.info(
        "x", a=f"with {KEY} in it", b="an odd key", c="postgresql://me:planted@db/x", d="Bearer abc.def", e="\x1b[2Jz"
    )
    try:
        raise ValueError(KEY)
    except ValueError:
        log.exception("failed")
    text = file.getvalue()
    assert text.count("\n") >= 2
    for secret in (KEY, "an odd key", "planted@", "abc.def"):
        assert secret not in text
    assert "\x1b[2J" not in text
    assert "\\u001b[2J" not in text


def test_log_that_is_off_writes_nothing() -> None:
    file = io.StringIO()
    logger("off", file).error("x")
    assert file.getvalue() == ""


def test_metrics_follow_the_conventions_for_generative_ai(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    run = finish(start(engine, one_node(speak), {}))
    recorded(run, readers=[reader], stats=lambda: QueueStats(running=3, waiting=2))
    found = _points(reader)
    inference = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "scripted",
        "gen_ai.request.model": "scripted",
    }
    workflow = {**inference, "gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "test"}
    for name in ("duration", "time_to_first_chunk", "time_per_output_chunk"):
        (point,) = found[f"gen_ai.client.operation.{name}"]
        assert dict(point.attributes) == inference
        assert point.sum > 0
    for name in ("gen_ai.invoke_workflow.duration", "streaming_lab.run.ttft", "streaming_lab.run.wait"):
        (point,) = found[name]
        assert (dict(point.attributes), point.count) == (workflow, 1)
    assert {p.attributes["gen_ai.token.type"] for p in found["gen_ai.client.token.usage"]} == {"input", "output"}
    assert found["streaming_lab.runs_running"][0].value == 3
    assert found["streaming_lab.runs_waiting"][0].value == 2


def test_client_metrics_are_recorded_for_each_inference(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    run = finish(start(engine, three_calls, {"said": ""}, modes=("messages", "tasks")))
    recorded(run, readers=[reader])
    found = _points(reader)
    assert found["gen_ai.client.operation.duration"][0].count == 3
    assert found["gen_ai.client.operation.time_to_first_chunk"][0].count == 3
    assert found["gen_ai.invoke_workflow.duration"][0].count == 1


def test_answer_that_came_whole_records_no_first_chunk_and_no_gaps(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    whole = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, streams=False))
    recorded(finish(start(engine, one_node(speak), {}, model=whole)), readers=[reader])
    found = _points(reader)
    assert found["gen_ai.client.operation.duration"][0].count == 1
    assert "gen_ai.client.operation.time_to_first_chunk" not in found
    assert "gen_ai.client.operation.time_per_output_chunk" not in found
    assert found["streaming_lab.run.ttft"][0].count == 1


def test_log_metrics_and_trace_name_the_fallback_model_after_a_fallback(
    engine: Engine, fault_server: FaultServer
) -> None:
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    plan = FaultPlan(fault="500", when="before", times=0, calls=3, ttft_s=0, tokens_per_s=4000)
    run = run_into(engine, fault_server.open(plan), retry_policy=RetryPolicy(max_attempts=1), fallback_model=QUICK)
    _, file = recorded(run, readers=[reader], processors=[SimpleSpanProcessor(exporter)])
    line = json.loads(file.getvalue())
    assert (line["provider"], line["model"]) == ("scripted", "scripted")
    assert line["asked"] == model_name(run.request.model)
    found = _points(reader)
    for name in ("gen_ai.client.token.usage", "gen_ai.invoke_workflow.duration", "streaming_lab.runs"):
        assert {point.attributes["gen_ai.request.model"] for point in found[name]} == {"scripted"}, name
    assert "chat scripted" in {span.name for span in exporter.get_finished_spans()}


def test_number_of_series_is_limited_for_typed_model_names(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    telemetry = Telemetry(log=logger("off"), readers=[reader])
    for number in range(60):
        model = ModelSpec(provider="compatible", model=f"typed-{number}")
        telemetry.record(finish(start(engine, one_node(speak), {}, model=model)))
    names = {point.attributes["gen_ai.request.model"] for point in _points(reader)["streaming_lab.runs"]}
    assert len(names) == 41
    assert "other" in names


def test_dashboard_asks_only_for_metrics_that_exist(engine: Engine, fault_server: FaultServer) -> None:
    registry = CollectorRegistry()
    plan = FaultPlan(fault="500", when="before", times=0, calls=3, ttft_s=0, tokens_per_s=4000)
    runs = [
        run_into(engine, fault_server.open(plan), retry_policy=RetryPolicy(max_attempts=2, initial_backoff_s=0.0)),
        finish(start(engine, one_node(speak), {})),
    ]
    telemetry = Telemetry(log=logger("off"), readers=[PrometheusMetricReader(registry=registry)])
    for run in runs:
        telemetry.record(run)
    exported = generate_latest(registry).decode()
    expressions = [t["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for t in panel["targets"]]
    assert len(expressions) > 10
    asked = {
        name
        for expr in expressions
        for name in re.findall(r"\b(?:gen_ai_client|gen_ai_invoke|streaming_lab_(?:run|re|s))\w+", expr)
    }
    assert len(asked) >= 11
    for name in asked:
        assert re.search(rf"^{name}[{{ ]", exported, re.MULTILINE), name
    assert 'error_type="ProviderFailed"' in exported


def test_trace_has_the_workflow_its_nodes_and_its_inferences(engine: Engine) -> None:
    spans = _traced(finish(start(engine, one_node(speak), {})))
    root, chat, node = spans["invoke_workflow test"], spans["chat scripted"], spans["node only"]
    for part in (node, chat):
        assert part.parent is not None
        assert part.parent.span_id == root.context.span_id
    assert chat.attributes is not None
    assert chat.attributes["gen_ai.usage.output_tokens"]
    assert chat.attributes["gen_ai.request.stream"] is True
    assert root.start_time <= node.start_time <= chat.start_time < chat.end_time <= root.end_time  # type: ignore[operator]


def test_trace_of_a_failed_run_is_an_error_with_its_attempts(engine: Engine, fault_server: FaultServer) -> None:
    plan = FaultPlan(fault="500", when="before", times=0, calls=3, ttft_s=0, tokens_per_s=4000)
    run = run_into(engine, fault_server.open(plan), retry_policy=RetryPolicy(max_attempts=3, initial_backoff_s=0.0))
    root = _traced(run)["invoke_workflow test"]
    assert root.attributes is not None
    assert root.attributes["error.type"] == "ProviderFailed"
    assert [event.name for event in root.events] == ["graph input", "attempt", "attempt"]
    assert not root.status.is_ok


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
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    server.server_close()


def _points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    """Data points by the name of their metric."""
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def _traced(run: Run) -> dict[str, ReadableSpan]:
    exporter = InMemorySpanExporter()
    telemetry, _ = recorded(run, processors=[SimpleSpanProcessor(exporter)])
    telemetry.close()
    return {span.name: span for span in exporter.get_finished_spans()}


def test_traces_of_runs_in_turn_do_not_overlap(engine: Engine) -> None:
    request = start(engine, one_node(speak), {}).request
    spans = InMemorySpanExporter()
    for run in engine.start_in_turn([request, request]):
        recorded(finish(run), processors=[SimpleSpanProcessor(spans)])
    first, second = (span for span in spans.get_finished_spans() if span.name.startswith("invoke_workflow"))
    assert first.end_time is not None
    assert second.start_time is not None
    assert second.start_time >= first.end_time


def test_provider_without_a_name_in_the_conventions_keeps_ours() -> None:
    assert (provider_name("new"), provider_name("local")) == ("new", "llama.cpp")
