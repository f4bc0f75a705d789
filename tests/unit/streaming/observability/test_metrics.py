"""Metrics of runs, by OpenTelemetry's conventions for generative AI."""

import json
import re
from pathlib import Path

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, generate_latest

from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.queue_stats import QueueStats
from streaming.core.retry_policy import RetryPolicy
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.observability.exporter import Telemetry
from streaming.observability.logs import logger
from streaming.observability.metrics import provider_name
from streaming.runtime.engine import Engine
from tests.support.faults import run_into, three_calls
from tests.support.graphs import finish, one_node, speak, start
from tests.support.telemetry import exported, points

DASHBOARD = Path(__file__).parents[4] / "docs" / "grafana.json"


def test_metrics_follow_the_conventions_for_generative_ai(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    run = finish(start(engine, one_node(speak), {}))
    exported(run, readers=[reader], stats=lambda: QueueStats(running=3, waiting=2))
    found = points(reader)
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
    exported(run, readers=[reader])
    found = points(reader)
    assert found["gen_ai.client.operation.duration"][0].count == 3
    assert found["gen_ai.client.operation.time_to_first_chunk"][0].count == 3
    assert found["gen_ai.invoke_workflow.duration"][0].count == 1


def test_answer_that_came_whole_records_no_first_chunk_and_no_gaps(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    whole = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, streams=False))
    exported(finish(start(engine, one_node(speak), {}, model=whole)), readers=[reader])
    found = points(reader)
    assert found["gen_ai.client.operation.duration"][0].count == 1
    assert "gen_ai.client.operation.time_to_first_chunk" not in found
    assert "gen_ai.client.operation.time_per_output_chunk" not in found
    assert found["streaming_lab.run.ttft"][0].count == 1


def test_number_of_series_is_limited_for_typed_model_names(engine: Engine) -> None:
    reader = InMemoryMetricReader()
    telemetry = Telemetry(log=logger("off"), readers=[reader])
    for number in range(60):
        model = ModelSpec(provider="compatible", model=f"typed-{number}")
        telemetry.record(finish(start(engine, one_node(speak), {}, model=model)))
    names = {point.attributes["gen_ai.request.model"] for point in points(reader)["streaming_lab.runs"]}
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


def test_provider_without_a_name_in_the_conventions_keeps_ours() -> None:
    assert (provider_name("new"), provider_name("local")) == ("new", "llama.cpp")
