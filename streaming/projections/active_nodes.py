"""Which nodes of the outer graph run now: told by some modes, inferred from its edges for the others."""

from collections.abc import Iterable
from typing import Any

from streaming.core.events import (
    Attempt,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    Event,
    LogEntry,
    Namespace,
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    Updates,
    Values,
)

Edge = tuple[str, str, bool]
"""From, to, and whether it is conditional."""

START, END = "__start__", "__end__"


class ActiveNodes:
    """The nodes at work, as far as that is known; rather none than one that has finished.

    `tasks` and `debug` tell of each start and end. `checkpoints` name the nodes of the next superstep, and `updates`
    those that have ended; `values` only tell that a superstep is over. Where a mode tells no starts they follow from
    the edges, as long as none on the way is conditional. A token tells who speaks, and a progress event whose it is.
    """

    def __init__(self, edges: Iterable[Edge] = ()) -> None:
        self._edges = tuple(edges)
        self._names = {target for _, target, _ in self._edges}
        self._tasks: dict[str, str] = {}
        self._told = False
        self._step: set[str] | None = None
        self._done: set[str] = set()
        self._speaker: str | None = None
        self._tells_ends = self._tells_steps = False
        self._has_input = False

    @property
    def nodes(self) -> frozenset[str]:
        """Names of the nodes that run now."""
        if self._told:
            return frozenset(self._tasks.values())
        # Of several at once some may be over, unless each end is told.
        if self._step and (len(self._step) == 1 or self._tells_ends):
            return frozenset(self._step)
        return frozenset({self._speaker} if self._speaker else ())

    def apply(self, entry: LogEntry) -> None:
        event = entry.event
        match event:
            case Started(checkpoint_id=at):
                # A thread that goes on may stand anywhere.
                self._begin({START} if at is None else None)
            case Attempt(restarts=True):
                self._begin(None)
            case Ended():
                self._tasks.clear()
                self._begin(None)
            case Token(role="ai", whole=False, ns=ns, node=node):
                self._speaker = _outer_node(ns) or node
            case Custom(ns=ns, data=data):
                self._said(_outer_node(ns), data)
            case _ if getattr(event, "ns", None) == ():
                self._outer(event)

    def _outer(self, event: Event) -> None:
        match event:
            case TaskStarted(task_id=task_id, node=node):
                self._task(task_id, node)
            case TaskEnded(task_id=task_id):
                self._task(task_id, None)
            case Debug(type=("task" | "task_result") as kind, payload=payload):
                self._task(payload["id"], payload["name"] if kind == "task" else None)
            case CheckpointSaved(next=names):
                self._tells_steps = True
                self._step, self._done, self._speaker = set(names) - {START}, set(), None
            case Updates(deltas=deltas, interrupts=interrupts):
                self._tells_ends = True
                self._finish(set(deltas)) if interrupts is None else self._begin(None)
            case Values(interrupts=(_, *_)):
                self._begin(None)
            case Values() if not self._tells_ends and not self._tells_steps:
                if self._has_input:
                    self._finish(self._step or set())
                self._has_input = True

    def _task(self, task_id: str, node: str | None) -> None:
        """A task of this node has started; `None`: it has ended."""
        self._told = True
        self._tasks.pop(task_id, None)
        if node is not None:
            self._tasks[task_id] = node

    def _said(self, inside: str, data: Any) -> None:
        """What a node wrote: one with a subgraph runs while anything inside it speaks, others say how far they are."""
        match data:
            case _ if inside:
                self._step = {inside}
            case {"kind": "progress", "step": str(step), "done": done, "total": total} if step in self._names:
                if done != total:
                    self._step = {step}
                elif self._step and step in self._step:
                    self._finish({step})
                else:
                    self._step = None

    def _begin(self, done: set[str] | None) -> None:
        """Nothing is known, or these have just finished."""
        self._speaker, self._has_input = None, False
        self._step = None if done is None else self._after(done)
        self._done = set()

    def _finish(self, nodes: set[str]) -> None:
        self._speaker = None if self._speaker in nodes or not self._tells_ends else self._speaker
        if self._step is None:
            return
        self._done |= nodes
        self._step = self._step - nodes
        if not self._step and not self._tells_steps:
            self._step, self._done = self._after(self._done), set()

    def _after(self, nodes: set[str]) -> set[str] | None:
        """The nodes that follow on these; `None` where that depends on more than the edges."""
        out = [(target, conditional) for source, target, conditional in self._edges if source in nodes]
        return None if any(conditional for _, conditional in out) else {target for target, _ in out} - {END}


def _outer_node(ns: Namespace) -> str:
    """The node of the outer graph that this namespace lies in; none for the outer graph's own."""
    return ns[0].partition(":")[0] if ns else ""
