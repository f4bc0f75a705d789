"""What the terminal calls the writer of a message: its node, numbered where the node runs several times at once."""

from dataclasses import dataclass, field
from typing import assert_never

from streaming.cli.safe_text import one_line
from streaming.core.events import (
    BoundaryEvent,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskEvent,
    TaskStarted,
    Token,
    TraceEvent,
)
from streaming.projections.branches import Branches

_WORKS_ON = 60
"""Characters of what a branch works on, in the header of its text."""


@dataclass(slots=True)
class _Siblings:
    """Executions of one node in one superstep, in the order of their first token."""

    ids: list[str] = field(default_factory=list)
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class _Execution:
    """One execution of a node, as a part of the path to a message."""

    node: str
    id: str
    siblings: _Siblings

    @property
    def name(self) -> str:
        number = self.siblings.ids.index(self.id) + 1
        return f"{self.node} {number}" if self.siblings.parallel else self.node


class BranchNames:
    """Names of the messages' writers, such as `think 2 · quick`."""

    def __init__(self) -> None:
        self._branches = Branches()
        self._running: dict[tuple[Namespace, str], set[str]] = {}
        self._siblings: dict[tuple[Namespace, str, object], _Siblings] = {}
        self._paths: dict[str, list[_Execution]] = {}

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        self._branches.apply(entry)
        match entry.event:
            case TaskStarted(ns=ns, node=node, task_id=task_id):
                self._running.setdefault((ns, node), set()).add(task_id)
            case TaskEnded(ns=ns, node=node, task_id=task_id):
                self._running.get((ns, node), set()).discard(task_id)
            case Token() as token if token.message_id not in self._paths:
                self._paths[token.message_id] = self._path(token)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event begins or ends an execution
            case _ as never:
                assert_never(never)

    def of(self, message_id: str) -> str:
        """The name of what writes this message, and what distinguishes its input where the log tells."""
        path = self._paths[message_id]
        name = "/".join(execution.name for execution in path)
        branch = self._branches.branch_of(message_id)
        if branch is None or not path[-1].siblings.parallel:
            return name
        works_on = one_line(self._branches.label(branch).removeprefix(branch.node), _WORKS_ON)
        return f"{name} {works_on}".rstrip()

    def _path(self, token: Token) -> list[_Execution]:
        task_id, step = token.task_id or token.message_id, (token.metadata or {}).get("langgraph_step")
        outer = [self._execution(token.ns[:depth], *_node_and_task(part)) for depth, part in enumerate(token.ns)]
        # A node that runs again in a later superstep is no branch beside its first execution.
        return [*outer, self._execution(token.ns, token.node, task_id, step=step)]

    def _execution(self, ns: Namespace, node: str, task_id: str, *, step: object = None) -> _Execution:
        siblings = self._siblings.setdefault((ns, node, step), _Siblings())
        if task_id not in siblings.ids:
            siblings.ids.append(task_id)
        # Without a step, executions one after the other cannot be told from parallel ones but by the mode `tasks`.
        together = len(self._running.get((ns, node), ())) > 1
        siblings.parallel |= together or (step is not None and len(siblings.ids) > 1)
        return _Execution(node, task_id, siblings)


def _node_and_task(part: str) -> tuple[str, str]:
    node, _, task_id = part.partition(":")
    return node, task_id
