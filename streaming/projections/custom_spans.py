"""Spans that a node reports itself through the stream writer: the steps inside it."""

from collections.abc import Iterable
from typing import assert_never

from streaming.core.events import (
    BoundaryEvent,
    Custom,
    Ended,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEvent,
    TraceEvent,
)
from streaming.projections.spans import NodeSpan, SpanState

_STATES: dict[str, SpanState] = {"done": "done", "failed": "failed", "gave up": "cut"}


class CustomSpans:
    """Spans from custom events `{"kind": "span", "name", "state": started | done | failed | gave up, "error"}`."""

    def __init__(self) -> None:
        self.spans: dict[str, NodeSpan] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case Custom(data={"kind": "span", "name": str(name), "state": "started"}, ns=ns):
                self.spans[name] = NodeSpan(task_id=name, node=name, ns=ns, start=entry.t)
            case Custom(data={"kind": "span", "name": str(name), "state": str(state)} as data) if name in self.spans:
                span = self.spans[name]
                error = data.get("error")
                span.end, span.state = entry.t, _STATES.get(state, "done")
                span.error = None if error is None else str(error)
            case Ended():
                for span in self.spans.values():
                    if span.end is None:
                        span.end, span.state = entry.t, "cut"
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event opens or closes such a span
            case _ as never:
                assert_never(never)


def wall_s(spans: Iterable[NodeSpan]) -> float | None:
    """From the first start to the last end, in seconds; `None` without spans or while one of them runs."""
    spans = list(spans)
    ends = [span.end for span in spans if span.end is not None]
    if not spans or len(ends) < len(spans):
        return None
    return max(ends) - min(span.start for span in spans)
