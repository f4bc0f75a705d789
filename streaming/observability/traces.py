"""A run as a trace: the workflow, its nodes where they were streamed, and each call of a model.

Made from the log when the run has ended, with the log's own times: tracing costs a running stream nothing.
https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from collections.abc import Iterator

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from streaming.core.events import Attempt, Fallback
from streaming.core.run import Run
from streaming.observability.metrics import provider_name
from streaming.observability.run_summary import SHOWN
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages, StreamedMessage
from streaming.projections.node_spans import NodeSpan, NodeSpans
from streaming.providers.catalogue import model_name

_NS = 1_000_000_000


def trace_run(tracer: Tracer, run: Run) -> None:
    """One trace of a run that has ended."""
    zero = int(run.zero_at.timestamp() * _NS)
    events = run.events
    root = tracer.start_span(
        f"invoke_workflow {run.request.graph.name}",
        start_time=zero,
        attributes={
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": run.request.graph.name,
            "gen_ai.provider.name": provider_name(run.request.model),
            "gen_ai.conversation.id": run.thread_id[:SHOWN],
            "streaming_lab.run": run.id[:SHOWN],
            "streaming_lab.modes": list(run.request.modes),
        },
    )
    for entry in events:
        match entry.event:
            case Attempt(number=number, reason=reason, pause_s=pause):
                said: dict[str, AttributeValue] = {"number": number, "reason": reason, "pause_s": pause}
                root.add_event("attempt", said, timestamp=_at(zero, entry.t))
            case Fallback(reason=reason, to=to):
                root.add_event("fallback", {"reason": reason, "to": to or "invoke"}, timestamp=_at(zero, entry.t))
    context = set_span_in_context(root)
    spans = list(apply_all(NodeSpans(), events).spans.values())
    for node in spans:
        span = tracer.start_span(f"node {node.node}", context=context, start_time=_at(zero, node.start))
        if node.error:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_at(zero, node.end if node.end is not None else node.start))
    for message in apply_all(Messages(), events).messages.values():
        if message.role == "ai":
            _chat(tracer, run, message, spans, zero, context).end(_at(zero, message.last_text_at or message.started_at))
    _end(root, run)
    root.end(_at(zero, events[-1].t if events else 0.0))


def _chat(
    tracer: Tracer, run: Run, message: StreamedMessage, spans: list[NodeSpan], zero: int, context: Context
) -> Span:
    """One call of a model; it begins with its node where that is known, else with its first piece."""
    spec = run.request.model
    begun = max(_starts(message, spans), default=message.started_at)
    name, start = f"chat {model_name(spec)}", _at(zero, begun)
    span = tracer.start_span(name, context=context, kind=SpanKind.CLIENT, start_time=start)
    span.set_attributes(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": provider_name(spec),
            "gen_ai.request.model": model_name(spec),
            "gen_ai.request.temperature": spec.temperature,
            "gen_ai.request.stream": not message.whole,
            "streaming_lab.node": message.node,
            "streaming_lab.chunks": message.chunks,
        }
    )
    if spec.max_tokens is not None:
        span.set_attribute("gen_ai.request.max_tokens", spec.max_tokens)
    if message.first_text_at is not None:
        span.set_attribute("gen_ai.response.time_to_first_chunk", message.first_text_at - begun)
    for kind in ("input", "output"):
        if message.usage and (count := message.usage.get(f"{kind}_tokens")) is not None:
            span.set_attribute(f"gen_ai.usage.{kind}_tokens", count)
    return span


def _starts(message: StreamedMessage, spans: list[NodeSpan]) -> Iterator[float]:
    for span in spans:
        if span.node == message.node and span.start <= message.started_at:
            yield span.start


def _end(root: Span, run: Run) -> None:
    if run.ended is None:
        return
    root.set_attribute("streaming_lab.outcome", run.ended.outcome)
    if run.ended.error:
        root.set_attribute("error.type", run.ended.error)
    if run.ended.outcome in ("failed", "timed out"):
        root.set_status(Status(StatusCode.ERROR, run.ended.error))


def _at(zero: int, t: float) -> int:
    return zero + int(t * _NS)
