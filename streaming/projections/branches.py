"""Parallel branches: several messages that grow at the same time, each with its own clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    LogEntry,
    OutputEvent,
    ReportEvent,
    StateEvent,
    TaskEnded,
    TaskStarted,
    Token,
    TraceEvent,
)
from streaming.projections.base import append_text


@dataclass(slots=True, kw_only=True)
class Branch:
    """One execution of a node and the text that it streams; seconds since submission, `None` until it has happened."""

    task_id: str
    node: str
    started_at: float
    input: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    chunks: int = 0
    first_text_at: float | None = None
    last_text_at: float | None = None
    ended_at: float | None = None

    @property
    def first_text_after_s(self) -> float | None:
        """Seconds from the start of the node to its first text; TTFT counts from the run's submission instead."""
        return None if self.first_text_at is None else self.first_text_at - self.started_at

    @property
    def chunks_per_s(self) -> float | None:
        """Chunks after the first, per second of its own stream."""
        if self.first_text_at is None or self.last_text_at is None or self.last_text_at <= self.first_text_at:
            return None
        return (self.chunks - 1) / (self.last_text_at - self.first_text_at)


@dataclass(slots=True)
class Segment:
    """Neighbouring text of one branch, in the order of arrival."""

    branch: Branch
    text: str


_MOST_LABELLED = 100
"""Branches of one node of which each gets a label."""
_LONGEST_FIELD = 200
"""Characters of a field of the input in a label."""


class Branches:
    """Branches in the order of their start, and `segments`: their text in the order of arrival.

    A dropped message is removed with its text and its branch, because its node runs again.

    Needs the modes `tasks` and `messages`: the first event of a message names its task in the metadata.
    """

    def __init__(self) -> None:
        self._by_task: dict[str, Branch] = {}
        self._of_message: dict[str, Branch] = {}
        self._of_node: dict[str, list[Branch]] = {}
        self.segments: list[Segment] = []

    @property
    def writing(self) -> list[Branch]:
        """Branches with text, in the order of their start."""
        return [branch for branch in self._by_task.values() if branch.text]

    def writing_of(self, node: str) -> list[Branch]:
        """Executions of this node with text, in the order of their start."""
        return [branch for branch in self._of_node.get(node, ()) if branch.text]

    @property
    def overlap_s(self) -> float:
        """Seconds in which at least two branches were writing."""
        marks = [(t, step) for b in self.writing for t, step in ((b.first_text_at, 1), (b.last_text_at, -1))]
        total, open_branches, since = 0.0, 0, 0.0
        for t, step in sorted((t, step) for t, step in marks if t is not None):
            total += t - since if open_branches >= 2 else 0.0
            open_branches, since = open_branches + step, t
        return total

    def branch_of(self, message_id: str) -> Branch | None:
        """The branch that writes this message."""
        return self._of_message.get(message_id)

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        match entry.event:
            case TaskStarted(task_id=task_id, node=node, input=task_input):
                fields = task_input if isinstance(task_input, dict) else {}
                self._start(Branch(task_id=task_id, node=node, started_at=entry.t, input=fields))
            case TaskEnded(task_id=task_id):
                if task_id in self._by_task:
                    self._by_task[task_id].ended_at = entry.t
            case Token(role="ai") as token:
                self._token(token, entry.t)
            case Attempt(dropped=dropped):
                for message_id in dropped:
                    self._drop(message_id)
            case OutputEvent() | StateEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event starts, ends or fills a branch
            case _ as never:
                assert_never(never)

    def label(self, branch: Branch) -> str:
        """The node's name, with the fields of its input in which it differs from its siblings.

        Where there are very many, nothing distinguishes them.
        """
        siblings = self._of_node.get(branch.node, [])
        if len(siblings) > _MOST_LABELLED:
            return branch.node
        own = [
            value[:_LONGEST_FIELD]
            for name, value in branch.input.items()
            if isinstance(value, str) and any(sibling.input.get(name) != value for sibling in siblings)
        ]
        return " · ".join([branch.node, *own])

    def _start(self, new: Branch) -> None:
        """Add the branch. A task that starts again begins anew, unless it has text: then it was reported twice."""
        branch = self._by_task.setdefault(new.task_id, new)
        if branch is new:
            self._of_node.setdefault(new.node, []).append(new)
        if not branch.text:
            branch.started_at, branch.ended_at, branch.input = new.started_at, None, new.input

    def _drop(self, message_id: str) -> None:
        """Remove the text of the branch that wrote this message."""
        branch = self._of_message.pop(message_id, None)
        if branch is None:
            return
        if (gone := self._by_task.pop(message_id, None)) is not None:
            self._of_node[gone.node].remove(gone)
        branch.text, branch.chunks, branch.first_text_at, branch.last_text_at = "", 0, None, None
        self.segments = [segment for segment in self.segments if segment.branch is not branch]

    def _token(self, token: Token, t: float) -> None:
        if token.message_id not in self._of_message:
            # Without the mode `tasks`, or for a whole message, the task is unknown.
            unknown = Branch(task_id=token.message_id, node=token.node, started_at=t)
            branch = self._by_task.get(token.task_id) or self._by_task.setdefault(token.message_id, unknown)
            if branch is unknown:
                self._of_node.setdefault(token.node, []).append(branch)
            self._of_message[token.message_id] = branch
        branch = self._of_message[token.message_id]
        if not token.text:
            return
        append_text(branch, token.text)
        if not token.kept:
            branch.chunks += 1
            branch.last_text_at = t
            if branch.first_text_at is None:
                branch.first_text_at = t
        if self.segments and self.segments[-1].branch is branch:
            append_text(self.segments[-1], token.text)
        else:
            self.segments.append(Segment(branch, token.text))
