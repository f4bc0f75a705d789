"""Feeds of what the graph does: spans, states, updates, tasks, checkpoints, the trace, namespaces and running nodes."""

from collections.abc import Iterable
from typing import Any, ClassVar, assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Custom,
    Debug,
    Ended,
    Event,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    TaskStarted,
    TraceEvent,
    Updates,
)
from streaming.core.graph_description import Edge
from streaming.live import patches
from streaming.live.feed import Feed, PacedFeed, Sent, path_of, seconds
from streaming.live.patches import Patch
from streaming.live.previews import FIELD, SHORT, cut, fields_preview, preview
from streaming.projections.active_nodes import ActiveNodes
from streaming.projections.checkpoints import Checkpoints
from streaming.projections.custom_spans import CustomSpans
from streaming.projections.namespaces import NamespaceNode, NamespaceTree
from streaming.projections.node_spans import NodeSpans, label_among, overlapping
from streaming.projections.progress import Progress
from streaming.projections.spans import NodeSpan
from streaming.projections.state_history import Snapshot, StateHistory
from streaming.projections.trace import subject
from streaming.projections.updates import NodeUpdates

_MOST_LABELLED = 24
"""Open spans of which each gets a label."""

_TRACE = 2000
"""Characters of the preview of a debug entry."""


class SpanFeed(Feed):
    """Executions of nodes."""

    kinds: ClassVar = frozenset({"tasks", "updates", "ended"})

    def __init__(self) -> None:
        self._spans = NodeSpans()
        self._open: dict[str, None] = {}
        self._sent = Sent()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        event = entry.event
        if isinstance(event, TaskStarted | TaskEnded):
            self._open[event.task_id] = None
            inside = self._spans.running_inside(event) if isinstance(event, TaskEnded) else []
            # The first of several executions of one node gets its name when the second starts.
            beside = self._beside(event) if isinstance(event, TaskStarted) else []
            changed = [*(span.task_id for span in inside), *beside, event.task_id]
        elif isinstance(event, Updates) and event.cached:
            changed = [task_id for task_id in self._open if self._spans.spans[task_id].node in event.deltas]
        else:
            changed = [*self._open] if isinstance(event, Ended) else []
        self._spans.apply(entry)
        for task_id in changed:
            span = self._spans.spans[task_id]
            if different := self._sent.send(task_id, _span_fields(span) | self._label(span)):
                out.append(patches.span(task_id, different))
            if span.end is not None:
                self._open.pop(task_id, None)

    def _beside(self, started: TaskStarted) -> list[str]:
        """The execution of this node that was alone until now; none where too many are open to be named."""
        if len(self._open) > _MOST_LABELLED:
            return []
        spans = [self._spans.spans[task_id] for task_id in self._open if task_id != started.task_id]
        same = [span.task_id for span in spans if (span.node, span.ns) == (started.node, started.ns)]
        return same if len(same) == 1 else []

    def _label(self, span: NodeSpan) -> dict[str, str]:
        """What distinguishes executions of one node at the same time; where there are very many, nothing does."""
        if not 1 < len(self._open) <= _MOST_LABELLED:
            return {}
        label = label_among(span, overlapping(span, (self._spans.spans[task_id] for task_id in self._open)))
        return {} if label == span.node else {"label": label}


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
    """What nodes write through the stream writer: steps, the progress of the job, and spans."""

    kinds: ClassVar = frozenset({"custom", "ended"})

    def __init__(self) -> None:
        self._progress = Progress()
        self._spans = CustomSpans()
        self._sent = Sent()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        self._spans.apply(entry)
        for name in self._changed_by(entry.event):
            fields = _span_fields(self._spans.spans[name])
            del fields["input"], fields["output"]
            if different := self._sent.send(name, fields):
                out.append(patches.own_span(name, different))
        seen = len(self._progress.steps)
        self._progress.apply(entry)
        for step in self._progress.steps[seen:]:
            source = {"ns": path_of(step.ns), "node": step.ns[-1].partition(":")[0] if step.ns else ""}
            counts = {"done": step.done, "total": step.total, "fraction": step.fraction, "at": step.at}
            content = {"step": step.step, "status": step.status, **counts, "data": preview(step.data)}
            out.append(patches.step({"t": seconds(step.t), **source, **content, "size": step.size}))
            fraction, status = self._progress.shown
            if self._sent.send("", {"fraction": fraction, "status": status}):
                out.append(patches.bar(fraction, status))

    def _changed_by(self, event: Event) -> Iterable[str]:
        """The names of the spans that this event may have changed."""
        match event:
            case Custom(data={"name": str(name)}) if name in self._spans.spans:
                return [name]
            case Ended():
                return self._spans.spans
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                return ()
            case _ as never:
                assert_never(never)


class StateFeed(Feed):
    """The state after each superstep: its changed fields."""

    kinds: ClassVar = frozenset({"values", "started", "attempt", "checkpoints", "debug", "tasks"})

    def __init__(self) -> None:
        self._states = StateHistory()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        seen = len(self._states.snapshots)
        self._states.apply(entry)
        for snapshot in self._states.snapshots[seen:]:
            self._append(snapshot, out)

    def _append(self, snapshot: Snapshot, out: list[Patch]) -> None:
        change = {
            "changed": {name: preview(snapshot.state[name], FIELD) for name in snapshot.changed},
            "removed": list(snapshot.removed),
            "interrupts": [preview(value) for value in snapshot.interrupts],
        }
        ns, t = path_of(snapshot.ns), round(snapshot.t, 4)
        out.append(patches.state(ns, snapshot.step, change, t=t, size=snapshot.size))


class UpdateFeed(Feed):
    """What each node changed."""

    kinds: ClassVar = frozenset({"updates"})

    def __init__(self) -> None:
        self._updates = NodeUpdates()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        seen = len(self._updates.updates)
        self._updates.apply(entry)
        for update in self._updates.updates[seen:]:
            has_fields = isinstance(update.delta, dict)
            fields = {"t": seconds(update.t), "node": update.node, "ns": path_of(update.ns), "size": update.size}
            content = {} if has_fields else {"value": preview(update.delta)}
            previews = fields_preview(update.delta, FIELD)
            out.append(patches.update({**fields, "fields": previews, "cached": update.cached, **content}))


class TaskFeed(Feed):
    """The events of the mode `tasks`."""

    kinds: ClassVar = frozenset({"tasks"})

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        event = entry.event
        if not isinstance(event, TaskStarted | TaskEnded):
            return
        head = {"t": seconds(entry.t), "id": event.task_id, "node": event.node, "ns": path_of(event.ns)}
        match event:
            case TaskStarted(input=task_input, triggers=triggers):
                content = {"type": "start", "triggers": list(triggers), "input": preview(task_input)}
            case TaskEnded(result=result, error=error, interrupts=interrupts):
                questions = [preview(value) for value in interrupts]
                content = {"type": "result", "result": preview(result), "error": error, "interrupts": questions}
            case _ as never:
                assert_never(never)
        out.append(patches.task({**head, **content, "size": entry.size}))


class CheckpointFeed(Feed):
    """Checkpoints in the order in which they were saved."""

    kinds: ClassVar = frozenset({"checkpoints"})

    def __init__(self) -> None:
        self._checkpoints = Checkpoints()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        self._checkpoints.apply(entry)
        saved = self._checkpoints.saved[-1]
        event = saved.checkpoint
        head = {"id": event.checkpoint_id, "parent": event.parent_id, "ns": path_of(event.ns), "source": event.source}
        content = {"step": event.step, "next": list(event.next), "values": fields_preview(event.fields, SHORT)}
        out.append(patches.checkpoint({**head, **content, "t": seconds(saved.t), "size": saved.size}))


class TraceFeed(Feed):
    """The events of the mode `debug`."""

    kinds: ClassVar = frozenset({"debug"})

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        event = entry.event
        if not isinstance(event, Debug):
            return
        where = {"ns": path_of(event.ns), "step": event.step, "type": event.type, "name": cut(subject(event), SHORT)}
        content = {"timestamp": event.timestamp, "preview": preview(event.payload, _TRACE), "size": entry.size}
        out.append(patches.trace({"t": seconds(entry.t), **where, **content}))


class ActiveFeed(Feed):
    """The nodes of the outer graph that run now, those that have finished, and at the end what is not known."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._active = ActiveNodes(edges)
        self._sent: frozenset[str] = frozenset()
        self._sent_finished: frozenset[str] = frozenset()

    def take(self, entry: LogEntry, out: list[Patch]) -> None:
        """Apply the entry; see `Feed`."""
        self._active.apply(entry)
        nodes = self._active.nodes
        if nodes is not self._sent:
            self._sent = nodes
            out.append(patches.active(nodes))
        finished = self._active.finished
        if finished is not self._sent_finished:
            self._sent_finished = finished
            out.append(patches.finished(finished))
        if isinstance(entry.event, Ended) and (self._active.seen or self._active.unsure):
            out.append(patches.seen(self._active.seen, unsure=self._active.unsure))


class NamespaceFeed(PacedFeed):
    """The tree of subgraphs, with counts of what each sent."""

    def __init__(self) -> None:
        self._tree = NamespaceTree()
        self._sent: set[Namespace] = set()
        self._stale: set[Namespace] = set()

    def take(self, entry: LogEntry, out: list[Patch]) -> bool:
        """Apply the entry; see `Feed`."""
        self._tree.apply(entry)
        if isinstance(entry.event, Attempt):
            # Dropped messages reduce the number of chunks.
            self._stale.update(self._sent)
        ns = getattr(entry.event, "ns", None)
        if ns is None:
            return False
        opened = ns not in self._sent
        if opened:
            around = [ns[:depth] for depth in range(len(ns) + 1)]
            self._sent.update(around)
            self._stale.update(around)
        self._stale.add(ns)
        return opened

    def pending(self, *, settle: bool = False) -> list[Patch]:
        """The patches held back; see `PacedFeed`."""
        # Sorted by depth: parents come before children.
        changed = [self._patch(self._tree.at(ns)) for ns in sorted(self._stale, key=lambda ns: (len(ns), ns))]
        if settle:
            self._stale = set()
        return changed

    def _patch(self, node: NamespaceNode) -> Patch:
        times = {"first_at": seconds(node.first_at), "last_at": seconds(node.last_at)}
        counts = {"events": dict(node.events), "bytes": node.bytes, "chunks": node.chunks}
        return patches.namespace(path_of(node.ns), {**counts, "nodes": [*node.nodes], **times})
