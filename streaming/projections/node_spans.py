"""When each node ran: spans that overlap where nodes run in parallel."""

from collections.abc import Iterable, Mapping
from typing import assert_never

from streaming.core.events import (
    BoundaryEvent,
    Ended,
    LogEntry,
    Namespace,
    Outcome,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskStarted,
    TraceEvent,
    Updates,
)
from streaming.projections.spans import NodeSpan

_LONGEST_PART = 24
"""Characters of a text in a label."""


class NodeSpans:
    """Spans by task id, in the order of their start; needs the `tasks` mode."""

    def __init__(self) -> None:
        self.spans: dict[str, NodeSpan] = {}
        self._running: dict[str, NodeSpan] = {}
        self._by_graph: dict[Namespace, dict[str, NodeSpan]] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case TaskStarted() as task:
                span = NodeSpan(task_id=task.task_id, node=task.node, ns=task.ns, start=entry.t, input=task.input)
                self.spans[task.task_id] = self._running[task.task_id] = span
                self._by_graph.setdefault(task.ns, {})[task.task_id] = span
            case TaskEnded() as task:
                self._end(task, entry.t)
            case Updates(cached=True, deltas=deltas, ns=ns):
                self._end_cached(set(deltas), ns, entry.t)
            case Ended(outcome=outcome):
                self._end_rest(outcome, entry.t)
            case OutputEvent() | StateEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event is the start or end of a node
            case _ as never:
                assert_never(never)

    @property
    def running(self) -> frozenset[str]:
        """Names of the nodes that run now."""
        return frozenset(span.node for span in self._running.values())

    def running_inside(self, task: NodeSpan | TaskEnded) -> list[NodeSpan]:
        """What runs now in the graph that this task runs, and in the graphs in there."""
        inside = self._by_graph.get((*task.ns, f"{task.node}:{task.task_id}"), {}).values()
        return [one for span in inside for one in (span, *self.running_inside(span))]

    def _end(self, task: TaskEnded, t: float) -> None:
        # The task of an error handler has a result without a start.
        span = self.spans.setdefault(task.task_id, NodeSpan(task_id=task.task_id, node=task.node, ns=task.ns, start=t))
        span.end, span.error, span.result = t, task.error, task.result
        span.state = "failed" if task.error else "interrupted" if task.interrupts else "done"
        for inner in self.running_inside(task):
            # A node that hands over to the outer graph has no result.
            inner.end, inner.state = t, "done" if span.state == "done" else "cut"
            self._forget(inner)
        self._forget(span)

    def _end_cached(self, nodes: set[str], ns: Namespace, t: float) -> None:
        """End the spans of cache hits: their update is the only sign, as no result follows."""
        cached = [span for span in self._running.values() if span.node in nodes and span.ns == ns]
        for span in cached:
            span.end, span.state = t, "cached"
            self._forget(span)

    def _end_rest(self, outcome: Outcome, t: float) -> None:
        """End the spans that never get a result: siblings of a failed task, cancelled nodes and cache hits."""
        for span in self._running.values():
            span.end, span.state = t, "cached" if outcome == "completed" else "cut"
        self._running, self._by_graph = {}, {}

    def _forget(self, span: NodeSpan) -> None:
        self._running.pop(span.task_id, None)
        self._by_graph.get(span.ns, {}).pop(span.task_id, None)


def label_among(span: NodeSpan, siblings: Iterable[NodeSpan]) -> str:
    """The span's node, with the texts of its input in which it differs from these executions of the same node."""
    own = span.input if isinstance(span.input, Mapping) else {}
    others = [other.input if isinstance(other.input, Mapping) else {} for other in siblings]
    texts = [
        value for name, value in own.items() if isinstance(value, str) and any(o.get(name) != value for o in others)
    ]
    return " · ".join([span.node, *(text[:_LONGEST_PART] for text in texts)])


def overlapping(span: NodeSpan, spans: Iterable[NodeSpan]) -> list[NodeSpan]:
    """The executions of the same node at the same time, with the span itself."""

    def together(other: NodeSpan) -> bool:
        return (other.end is None or span.start <= other.end) and (span.end is None or other.start <= span.end)

    return [other for other in spans if (other.node, other.ns) == (span.node, span.ns) and together(other)]
