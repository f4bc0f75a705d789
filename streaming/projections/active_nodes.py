"""Which nodes of the outer graph run now and which have finished: reported by some modes, or derived from edges."""

from collections import Counter
from collections.abc import Iterable, Set
from typing import Any, assert_never

from streaming.core.events import (
    ApiEvent,
    Attempt,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    Event,
    GraphEvent,
    LogEntry,
    Mode,
    Namespace,
    OutputEvent,
    ReportEvent,
    Started,
    StateEvent,
    TaskEnded,
    TaskEvent,
    TaskStarted,
    Token,
    ToolCalled,
    TraceEvent,
    Updates,
    Values,
)
from streaming.core.graph_description import Edge

START, END = "__start__", "__end__"
TELL_OF_NODES: frozenset[Mode] = frozenset({"tasks", "debug", "checkpoints", "updates"})
"""The modes of which each tells which nodes ran; the others show only some of them."""


class ActiveNodes:
    """The nodes that run now, as far as it is known; a node that has finished is never among them.

    `tasks` and `debug` report each start and end. `checkpoints` name the nodes of the next superstep, `updates` those
    that have ended, and `values` only show that a superstep has ended. If no mode reports starts, they are derived from
    the edges, up to a conditional edge. A token names the node that streams, a progress event its node.
    """

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        self._edges = tuple(edges)
        self._names = {target for _, target, _ in self._edges}
        self._tasks: dict[str, str] = {}
        self._running: Counter[str] = Counter()
        self._nodes: frozenset[str] = frozenset()
        self._tasks_changed = False
        self._starts_known = False
        self._step: set[str] | None = None
        self._done: set[str] = set()
        self._streaming: str | None = None
        self._ends_known = self._steps_known = False
        self._has_input = False
        self._finished: frozenset[str] = frozenset()
        self._seen: set[str] = set()
        self._began = False

    @property
    def finished(self) -> frozenset[str]:
        """Names of the nodes of which it is known that they have finished; one that runs again stays among them.

        The same object until they change.
        """
        return self._finished

    @property
    def nodes(self) -> frozenset[str]:
        """Names of the nodes that run now; the same object until they change."""
        return self._nodes

    @property
    def seen(self) -> frozenset[str]:
        """Names of the nodes that something came from, and of which no end is known."""
        return frozenset(self._seen - self._finished)

    @property
    def unsure(self) -> bool:
        """Whether nothing told which nodes ran, so that one which nothing came from may have run too."""
        return self._began and not (self._starts_known or self._steps_known or self._ends_known)

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        self._take(entry.event)
        now = self._now()
        if now is not self._nodes and now != self._nodes:
            self._nodes = frozenset(now)
            self._seen |= self._nodes

    def _now(self) -> Set[str]:
        if self._starts_known:
            changed, self._tasks_changed = self._tasks_changed, False
            return self._running.keys() if changed else self._nodes
        # Of several parallel nodes some may have ended, unless each end is reported.
        if self._step and (len(self._step) == 1 or self._ends_known):
            return self._step
        return {self._streaming} if self._streaming else frozenset()

    def _take(self, event: Event) -> None:
        match event:
            case Started(checkpoint_id=checkpoint_id, first_step=first_step):
                self._began = True
                # A thread that continues may start at any node.
                self._begin({START} if checkpoint_id is None else None)
                # An empty input sends no state: the first one is that after the first nodes.
                self._has_input = first_step == 1
            case Attempt(restarts=True):
                self._finished, self._seen = frozenset(), set(self._running)
                self._begin(None)
            case Ended(outcome=outcome):
                if outcome == "completed":
                    self._add_finished(self._seen)
                self._tasks.clear()
                self._running.clear()
                self._tasks_changed = True
                self._begin(None)
            case Token() as token:
                self._token(token)
            case Custom(ns=ns, data=data):
                self._custom(_outer_node(ns), data)
            case StateEvent() | TaskEvent() | OutputEvent() | TraceEvent():
                if event.ns:  # nodes of a subgraph are not shown
                    self._see(_outer_node(event.ns))
                else:
                    self._outer(event)
            case ReportEvent():
                pass  # notices and fallbacks change no node
            case _ as never:
                assert_never(never)

    def _outer(self, event: GraphEvent) -> None:
        match event:
            case TaskStarted() | TaskEnded() | Debug():
                self._reported(event)
            case CheckpointSaved(next=names):
                self._steps_known = True
                self._add_finished(self._step or set())
                self._step, self._done, self._streaming = set(names) - {START}, set(), None
            case Updates(deltas=deltas, interrupts=interrupts):
                self._ends_known = True
                self._finish(set(deltas)) if interrupts is None else self._begin(None)
            case Values(interrupts=(_, *_)):
                self._begin(None)
            case Values() if not self._ends_known and not self._steps_known:
                if self._has_input:
                    self._finish(self._step or set())
                self._has_input = True
            case Values() | Token() | Custom() | ToolCalled() | ApiEvent():
                pass  # a more exact mode reports it, or the event is no start or end of a node
            case _:
                assert_never(event)

    def _reported(self, event: TaskStarted | TaskEnded | Debug) -> None:
        """Take the start or the end of a task."""
        match event:
            case TaskStarted(task_id=task_id, node=node):
                self._task(task_id, node)
            case TaskEnded(task_id=task_id, node=node, error=error, interrupts=interrupts):
                self._task(task_id, None)
                self._note_result(node, error, interrupts)
            case Debug(type="task", payload={"id": str(task_id), "name": str(node)}):
                self._task(task_id, node)
            case Debug(type="task_result", payload={"id": str(task_id), "name": str(node)} as payload):
                self._task(task_id, None)
                self._note_result(node, payload.get("error"), payload.get("interrupts"))
            case Debug():
                pass  # a checkpoint, or a task of a form that LangGraph does not write
            case _:
                assert_never(event)

    def _task(self, task_id: str, node: str | None) -> None:
        """Note that a task has started at this node; `None`: that it has ended."""
        self._starts_known = self._tasks_changed = True
        if (before := self._tasks.pop(task_id, None)) is not None:
            self._running[before] -= 1
            if not self._running[before]:
                del self._running[before]
        if node is not None:
            self._tasks[task_id] = node
            self._running[node] += 1

    def _note_result(self, node: str, error: Any, interrupts: Any) -> None:
        if not error and not interrupts:
            self._add_finished({node})

    def _add_finished(self, nodes: Set[str]) -> None:
        if not nodes <= self._finished:
            self._finished |= nodes

    def _token(self, token: Token) -> None:
        """Take a part of a message, or a whole one, which its node has sent at its end."""
        node = _outer_node(token.ns) or token.node
        self._see(node)
        if token.role == "ai" and not token.whole:
            self._streaming = node

    def _see(self, node: str) -> None:
        if node:
            self._seen.add(node)

    def _custom(self, subgraph: str, data: Any) -> None:
        """Take what a node wrote: it shows that a subgraph runs, and a progress event names its node."""
        match data:
            case _ if subgraph:
                self._see(subgraph)
                self._step = {subgraph}
            case {"kind": "progress", "step": str(step), "done": done, "total": total} if step in self._names:
                self._see(step)
                if done != total:
                    self._step = {step}
                elif self._step and step in self._step:
                    self._finish({step})
                else:
                    self._step = None
            case _:
                pass  # any other value is not about a node

    def _begin(self, done: set[str] | None) -> None:
        """Start anew after these nodes have finished; `None`: nothing is known."""
        self._streaming, self._has_input = None, False
        self._step = None if done is None else self._after(done)
        self._done = set()

    def _finish(self, nodes: set[str]) -> None:
        self._add_finished(nodes)
        self._streaming = None if self._streaming in nodes or not self._ends_known else self._streaming
        if self._step is None:
            return
        self._done |= nodes
        self._step = self._step - nodes
        if not self._step and not self._steps_known:
            self._step, self._done = self._after(self._done), set()

    def _after(self, nodes: set[str]) -> set[str] | None:
        """The nodes that run after these; `None` if that depends on a condition."""
        edges = [(target, conditional) for source, target, conditional in self._edges if source in nodes]
        return None if any(conditional for _, conditional in edges) else {target for target, _ in edges} - {END}


def _outer_node(ns: Namespace) -> str:
    """The node of the outer graph that contains this namespace; empty for the outer graph itself."""
    return ns[0].partition(":")[0] if ns else ""
