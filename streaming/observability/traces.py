"""A run as a trace: the workflow, its nodes where they were streamed, and each inference.

Made from the log when the run has ended, with the log's own times: tracing costs a running stream nothing.
https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
"""

from typing import assert_never

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Fallback,
    OutputEvent,
    ReportEvent,
    Started,
    StateEvent,
    TaskEvent,
    TraceEvent,
)
from streaming.core.run import Run, short_id
from streaming.observability.metrics import provider_name, spec_of
from streaming.projections.answer_ends import AnswerEnd, AnswerEnds
from streaming.projections.base import apply_all
from streaming.projections.inferences import Inference, Inferences
from streaming.projections.node_spans import NodeSpans

_NS = 1_000_000_000


def trace_run(tracer: Tracer, run: Run, inferences: Inferences, answers: AnswerEnds) -> None:
    """Export one trace of a run that has ended."""
    zero = int(run.zero_at.timestamp() * _NS)
    events = run.events
    root = tracer.start_span(
        f"invoke_workflow {run.request.graph.name}",
        start_time=zero,
        attributes={
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": run.request.graph.name,
            "gen_ai.provider.name": provider_name(inferences.models[-1].provider),
            "gen_ai.conversation.id": short_id(run.thread_id),
            "streaming_lab.run": short_id(run.id),
            "streaming_lab.modes": list(run.request.modes),
        },
    )
    for entry in events:
        match entry.event:
            case Attempt(number=number, reason=reason, pause_s=pause_s):
                retry: dict[str, AttributeValue] = {"number": number, "reason": reason, "pause_s": pause_s}
                root.add_event("attempt", retry, timestamp=_timestamp(zero, entry.t))
            case Fallback(reason=reason, to=to):
                root.add_event(
                    "fallback", {"reason": reason, "to": to or "invoke"}, timestamp=_timestamp(zero, entry.t)
                )
            case Started():
                root.add_event("graph input", timestamp=_timestamp(zero, entry.t))
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # nodes and inferences become spans of their own
            case _ as never:
                assert_never(never)
    context = set_span_in_context(root)
    for node in apply_all(NodeSpans(), events).spans.values():
        span = tracer.start_span(f"node {node.node}", context=context, start_time=_timestamp(zero, node.start))
        if node.error:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_timestamp(zero, node.end if node.end is not None else node.start))
    for inference in inferences.inferences:
        _trace_inference(tracer, run, inference, zero, context, answers.end_of(inference.message_id))
    _end(root, run)
    root.end(_timestamp(zero, events[-1].t if events else 0.0))


def _trace_inference(
    tracer: Tracer, run: Run, inference: Inference, zero: int, context: Context, answer: AnswerEnd | None
) -> None:
    """One call of a model; it begins with its request where that time is known, else with its first chunk."""
    model = inference.model
    start = next((t for t in (inference.requested_at, inference.first_chunk_at) if t is not None), inference.ended_at)
    span = tracer.start_span(
        f"chat {model.name}", context=context, kind=SpanKind.CLIENT, start_time=_timestamp(zero, start)
    )
    span.set_attributes(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider_name(model.provider),
            "gen_ai.request.model": model.name,
            "gen_ai.request.stream": inference.streamed,
            "streaming_lab.node": inference.node,
            "streaming_lab.chunks": inference.chunks,
        }
    )
    spec = spec_of(model, run.request)
    if spec is not None:
        span.set_attribute("gen_ai.request.temperature", spec.temperature)
    if spec is not None and spec.max_tokens is not None:
        span.set_attribute("gen_ai.request.max_tokens", spec.max_tokens)
    if (first := inference.time_to_first_chunk_s) is not None:
        span.set_attribute("gen_ai.response.time_to_first_chunk", first)
    for kind in ("input", "output"):
        if inference.usage and (count := inference.usage.get(f"{kind}_tokens")) is not None:
            span.set_attribute(f"gen_ai.usage.{kind}_tokens", count)
    if answer is not None:
        span.set_attribute("streaming_lab.answer", answer.ending)
        if answer.reason is not None:
            span.set_attribute("gen_ai.response.finish_reasons", [answer.reason])
    if inference.error:
        span.set_attribute("error.type", inference.error)
        span.set_status(Status(StatusCode.ERROR))
    span.end(_timestamp(zero, inference.ended_at))


def _end(root: Span, run: Run) -> None:
    if run.ended is None:
        return
    root.set_attribute("streaming_lab.outcome", run.ended.outcome)
    if run.ended.error:
        root.set_attribute("error.type", run.ended.error)
    if run.ended.outcome in ("failed", "timed out"):
        root.set_status(Status(StatusCode.ERROR, run.ended.error))


def _timestamp(zero: int, t: float) -> int:
    return zero + int(t * _NS)
