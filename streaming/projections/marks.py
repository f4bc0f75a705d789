"""Spans that a node reports itself, by the stream writer: what goes on inside it."""

from collections.abc import Iterable

from streaming.events import Custom, Ended, Stamped
from streaming.projections.nodes import NodeSpan, SpanState

_STATES: dict[str, SpanState] = {"done": "done", "failed": "failed", "gave up": "cut"}


class Marks:
    """Spans from custom events `{"kind": "span", "name", "state": started | done | failed | gave up, "error"}`."""

    def __init__(self) -> None:
        self.spans: dict[str, NodeSpan] = {}

    def apply(self, stamped: Stamped) -> None:
        match stamped.event:
            case Custom(data={"kind": "span", "name": str(name), "state": "started"}, ns=ns):
                self.spans[name] = NodeSpan(task_id=name, node=name, ns=ns, start=stamped.t)
            case Custom(data={"kind": "span", "name": str(name), "state": str(state)} as data) if name in self.spans:
                span = self.spans[name]
                span.end, span.state, span.error = stamped.t, _STATES.get(state, "done"), data.get("error")
            case Ended():
                for span in self.spans.values():
                    if span.end is None:
                        span.end, span.state = stamped.t, "cut"


def wall_s(spans: Iterable[NodeSpan]) -> float | None:
    """From the first start to the last end, in seconds; `None` without spans or while one of them runs."""
    spans = list(spans)
    ends = [span.end for span in spans if span.end is not None]
    if not spans or len(ends) < len(spans):
        return None
    return max(ends) - min(span.start for span in spans)
