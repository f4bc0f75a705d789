"""Feeds of what the graph does: spans, states, updates, tasks, checkpoints, the trace, namespaces and running nodes."""

from collections.abc import Iterable
from typing import Any, ClassVar

from streaming.core.events import Attempt, Debug, LogEntry, Namespace, TaskEnded, TaskStarted
from streaming.live import patches
from streaming.live.feed import Feed, PacedFeed, Sent, path_of, seconds
from streaming.live.patches import Patch
from streaming.live.preview import FIELD, SHORT, fields_preview, preview
from streaming.projections.active_nodes import ActiveNodes, Edge
from streaming.projections.checkpoints import Checkpoints
from streaming.projections.custom_spans import CustomSpans
from streaming.projections.namespaces import NamespaceNode, NamespaceTree
from streaming.projections.node_spans import NodeSpan, NodeSpans
from streaming.projections.progress import Progress
from streaming.projections.state_history import StateHistory
from streaming.projections.trace import subject
from streaming.projections.updates import NodeUpdates

_TRACE = 2000


class SpanFeed(Feed):
    """Executions of nodes."""

    kinds: ClassVar = frozenset({"tasks", "updates", "ended"})

    def __init__(self) -> None:
        self._spans = NodeSpans()
        self._open: set[str] = set()
        self._sent = Sent()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        self._spans.apply(entry)
        event = entry.event
        if isinstance(event, TaskStarted | TaskEnded):
            self._open.add(event.task_id)
        for task_id in sorted(self._open, key=list(self._spans.spans).index) if len(self._open) > 1 else [*self._open]:
            span = self._spans.spans[task_id]
            if different := self._sent.send(task_id, _span_fields(span)):
                out.append(patches.span(task_id, different))
            if span.end is not None:
                self._open.discard(task_id)


def _span_fields(span: NodeSpan) -> dict[str, Any]:
    return {
        "node": span.node,
        "ns": path_of(span.ns),
        "start": seconds(span.start),
        "end": seconds(span.end),
        "state": span.state,
        "error": span.error,
        "input": preview(span.input),
        "output": preview(span.result),
    }


class CustomFeed(Feed):
    """What nodes write themselves: steps, the progress of the job, and spans of their own."""

    kinds: ClassVar = frozenset({"custom", "ended"})

    def __init__(self) -> None:
        self._progress = Progress()
        self._spans = CustomSpans()
        self._sent = Sent()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        self._spans.apply(entry)
        for name, span in self._spans.spans.items():
            fields = _span_fields(span)
            del fields["input"], fields["output"]
            if different := self._sent.send(name, fields):
                out.append(patches.own_span(name, different))
        known = len(self._progress.steps)
        self._progress.apply(entry)
        for step in self._progress.steps[known:]:
            place = {"ns": path_of(step.ns), "node": step.ns[-1].partition(":")[0] if step.ns else ""}
            count = {"done": step.done, "total": step.total, "fraction": step.fraction, "at": step.at}
            what = {"step": step.step, "status": step.status, **count, "data": preview(step.data)}
            out.append(patches.step({"t": seconds(step.t), **place, **what, "size": step.size}))
            fraction, status = self._progress.fraction, self._progress.status
            if self._sent.send("", {"fraction": fraction, "status": status}):
                out.append(patches.bar(fraction, status))


class StateFeed(Feed):
    """The state after each superstep: its changed fields."""

    kinds: ClassVar = frozenset({"values"})

    def __init__(self) -> None:
        self._states = StateHistory()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        self._states.apply(entry)
        found = self._states.snapshots[-1]
        change = {
            "changed": {name: preview(found.state[name], FIELD) for name in found.changed},
            "removed": list(found.removed),
            "interrupts": [preview(value) for value in found.interrupts],
        }
        out.append(patches.state(path_of(found.ns), found.step, change, t=round(found.t, 4), size=found.size))


class UpdateFeed(Feed):
    """What each node changed."""

    kinds: ClassVar = frozenset({"updates"})

    def __init__(self) -> None:
        self._updates = NodeUpdates()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        known = len(self._updates.updates)
        self._updates.apply(entry)
        for found in self._updates.updates[known:]:
            has_fields = isinstance(found.delta, dict)
            fields = {"t": seconds(found.t), "node": found.node, "ns": path_of(found.ns), "size": found.size}
            content = {} if has_fields else {"value": preview(found.delta)}
            previews = fields_preview(found.delta, FIELD)
            out.append(patches.update({**fields, "fields": previews, "cached": found.cached, **content}))


class TaskFeed(Feed):
    """The `tasks` mode as it came."""

    kinds: ClassVar = frozenset({"tasks"})

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        event = entry.event
        if not isinstance(event, TaskStarted | TaskEnded):
            return
        head = {"t": seconds(entry.t), "id": event.task_id, "node": event.node, "ns": path_of(event.ns)}
        match event:
            case TaskStarted(input=given, triggers=triggers):
                content = {"type": "start", "triggers": list(triggers), "input": preview(given)}
            case TaskEnded(result=result, error=error, interrupts=interrupts):
                asked = [preview(value) for value in interrupts]
                content = {"type": "result", "result": preview(result), "error": error, "interrupts": asked}
        out.append(patches.task({**head, **content, "size": entry.size}))


class CheckpointFeed(Feed):
    """Checkpoints as they were saved."""

    kinds: ClassVar = frozenset({"checkpoints"})

    def __init__(self) -> None:
        self._checkpoints = Checkpoints()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        self._checkpoints.apply(entry)
        saved = self._checkpoints.saved[-1]
        point = saved.checkpoint
        head = {"id": point.checkpoint_id, "parent": point.parent_id, "ns": path_of(point.ns), "source": point.source}
        content = {"step": point.step, "next": list(point.next), "values": fields_preview(point.values, SHORT)}
        out.append(patches.checkpoint({**head, **content, "t": seconds(saved.t), "size": saved.size}))


class TraceFeed(Feed):
    """The `debug` mode as it came."""

    kinds: ClassVar = frozenset({"debug"})

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        event = entry.event
        if not isinstance(event, Debug):
            return
        where = {"ns": path_of(event.ns), "step": event.step, "type": event.type, "name": subject(event)}
        content = {"timestamp": event.timestamp, "preview": preview(event.payload, _TRACE), "size": entry.size}
        out.append(patches.trace({"t": seconds(entry.t), **where, **content}))


class ActiveFeed(Feed):
    """The nodes of the outer graph that run now."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._active = ActiveNodes(edges)
        self._sent: frozenset[str] = frozenset()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        self._active.apply(entry)
        nodes = self._active.nodes
        if nodes != self._sent:
            self._sent = nodes
            out.append(patches.active(nodes))


class NamespaceFeed(PacedFeed):
    """Graphs in graphs, with what each sends."""

    def __init__(self) -> None:
        self._tree = NamespaceTree()
        self._nodes: dict[Namespace, NamespaceNode] = {}
        self._stale: set[Namespace] = set()

    def take(self, entry: LogEntry, out: list[Patch]) -> bool:
        self._tree.apply(entry)
        if isinstance(entry.event, Attempt):
            # A message that is dropped takes its chunks along.
            self._stale.update(self._nodes)
        ns = getattr(entry.event, "ns", None)
        if ns is None:
            return False
        opened = ns not in self._nodes
        if opened:
            self._nodes = {node.ns: node for node in self._tree.nodes}
            self._stale.update(ns[:depth] for depth in range(len(ns)))
        self._stale.add(ns)
        return opened

    def pending(self, *, settle: bool = False) -> list[Patch]:
        # Sorted by depth: parents come before children.
        found = [self._patch(self._nodes[ns]) for ns in sorted(self._stale, key=lambda ns: (len(ns), ns))]
        if settle:
            self._stale = set()
        return found

    def _patch(self, node: NamespaceNode) -> Patch:
        times = {"first_at": seconds(node.first_at), "last_at": seconds(node.last_at)}
        counts = {"events": dict(node.events), "bytes": node.bytes, "chunks": node.chunks}
        return patches.namespace(path_of(node.ns), {**counts, "nodes": [*node.nodes], **times})
