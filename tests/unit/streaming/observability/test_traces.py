"""The trace of a run: workflow, nodes and inferences."""

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from streaming.core.retry_policy import RetryPolicy
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.runtime.engine import Engine
from tests.support.faults import run_into
from tests.support.graphs import finish, one_node, speak, start
from tests.support.telemetry import exported, traced


def test_trace_has_the_workflow_its_nodes_and_its_inferences(engine: Engine) -> None:
    spans = traced(finish(start(engine, one_node(speak), {})))
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
    root = traced(run)["invoke_workflow test"]
    assert root.attributes is not None
    assert root.attributes["error.type"] == "ProviderFailed"
    assert [event.name for event in root.events] == ["graph input", "attempt", "attempt"]
    assert not root.status.is_ok


def test_traces_of_runs_in_turn_do_not_overlap(engine: Engine) -> None:
    request = start(engine, one_node(speak), {}).request
    spans = InMemorySpanExporter()
    for run in engine.start_in_turn([request, request]):
        exported(finish(run), processors=[SimpleSpanProcessor(spans)])
    first, second = (span for span in spans.get_finished_spans() if span.name.startswith("invoke_workflow"))
    assert first.end_time is not None
    assert second.start_time is not None
    assert second.start_time >= first.end_time
