"""Spans that a node reports itself, by the stream writer: what goes on inside it."""

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

    @property
    def sum_s(self) -> float:
        """The spans' times added up: what they take one after the other."""
        return sum(span.seconds or 0.0 for span in self.spans.values())

    @property
    def wall_s(self) -> float | None:
        """From the first start to the last end; `None` while one of them runs."""
        ends = [span.end for span in self.spans.values()]
        if not ends or None in ends:
            return None
        return max(end for end in ends if end is not None) - min(span.start for span in self.spans.values())
