"""What a run's log shows about its streaming, by node."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, assert_never

from streaming.analysis.diagnosis.facts import CodeFacts, NodeFacts
from streaming.analysis.diagnosis.finding import Thresholds
from streaming.core.events import (
    BoundaryEvent,
    Custom,
    Ended,
    Fallback,
    LogEntry,
    Namespace,
    OutputEvent,
    ReportEvent,
    Stall,
    StateEvent,
    TaskEvent,
    TaskStarted,
    Token,
    TraceEvent,
    Updates,
)
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages, StreamedMessage

SAID_BY_A_MODEL = ("lc_run-", "run-")
"""How the id of a message begins that a model of LangChain's has said; the second is that of earlier versions."""


def node_path(ns: Namespace, node: str) -> str:
    """The path of a node, without the ids of the tasks in its namespace."""
    return "/".join((*(level.split(":")[0] for level in ns), node))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A run's log, what it asked for, and the facts of its code; what is derived is derived once.

    `given` is the input of the run, as far as it is known. `tasks` has the task of each message by the message's id.
    `from_models` are the ids of the messages that came by the callbacks of a chat model.
    """

    events: Sequence[LogEntry]
    modes: tuple[str, ...]
    subgraphs: bool
    facts: CodeFacts
    thresholds: Thresholds
    given: Any = None
    answers: list[StreamedMessage] = field(init=False)
    ran: frozenset[str] | None = field(init=False)
    tasks: Mapping[str, str] = field(init=False)
    from_models: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        messages = apply_all(Messages(), self.events).messages.values()
        object.__setattr__(self, "answers", [message for message in messages if message.role == "ai"])
        object.__setattr__(self, "ran", _nodes_that_ran(self.events))
        object.__setattr__(self, "tasks", dict(_tasks_of_messages(self.events)))
        object.__setattr__(self, "from_models", frozenset(_ids_from_models(self.events)))

    @property
    def ended(self) -> Ended | None:
        """The end event; `None` while the run goes on."""
        last = self.events[-1].event if self.events else None
        return last if isinstance(last, Ended) else None

    @property
    def stalls(self) -> tuple[Stall, ...]:
        """What held the event loop of the graph's process; nothing of it is known before the end."""
        return self.ended.stalls if self.ended is not None else ()

    @property
    def asks_for_tokens(self) -> bool:
        """Whether the mode `messages` was asked for."""
        return "messages" in self.modes

    @property
    def and_ask_for_custom(self) -> str:
        """The end of an advice to write to the stream; empty if that mode was asked for."""
        return "" if "custom" in self.modes else " and ask for `custom`"

    @property
    def fallback(self) -> Fallback | None:
        """That the model did not stream; a fallback to another model is none of this."""
        found = (entry.event for entry in self.events if isinstance(entry.event, Fallback))
        return next((event for event in found if not event.to), None)

    def has_run(self, path: str) -> bool:
        """Whether this node ran, as far as the log can tell: inside a subgraph that is not seen, as its outer node."""
        if self.ran is None:
            return True
        outer = path.split("/")[0]
        hidden = not self.subgraphs and "/" in path
        return (outer if hidden else path) in self.ran or (hidden and not self.ran)

    def node_at(self, path: str) -> NodeFacts | None:
        """The node of the author's that has this path in the log, as its own or as that of a task."""
        return next((node for node in self.facts.nodes.values() if node.file and path in node.paths), None)

    def heard_inside(self, path: str) -> bool:
        """Whether the stream has nodes of a graph that this node calls."""
        return any(one.startswith(f"{path}/") for one in self.ran or ())

    def streamed(self, path: str) -> bool:
        """Whether text came from this node, or from a graph that it calls, in more than one piece."""
        return any(message.chunks > 1 and not message.whole for message in self.answers_of(path) if message.text)

    def answers_of(self, path: str) -> list[StreamedMessage]:
        """The messages of the model from this node, from its tasks, or from a graph that one of them calls."""
        node = self.facts.nodes.get(path)
        paths = node.paths if node is not None else (path,)
        inside = tuple(f"{one}/" for one in paths)
        return [
            message
            for message in self.answers
            if (found := node_path(message.ns, message.node)) in paths or found.startswith(inside)
        ]

    def said_by_a_model(self, message: StreamedMessage) -> bool:
        """Whether a chat model of LangChain's has said it: some providers give their messages ids of their own."""
        return message.message_id.startswith(SAID_BY_A_MODEL) or message.message_id in self.from_models

    def finished_message_of(self, path: str) -> bool:
        """Whether the node made a message itself, without a model of LangChain's, and nothing came while it did."""
        return any(
            message.whole
            and message.text
            and not self.said_by_a_model(message)
            and self._quiet_before_s(message.started_at) >= self.thresholds.finished_s
            for message in self.answers_of(path)
        )

    def _quiet_before_s(self, t: float) -> float:
        return t - max((entry.t for entry in self.events if entry.t < t), default=t)

    @property
    def longest_gap_s(self) -> float:
        """The longest time in which nothing came: no call can have blocked the event loop for longer."""
        return max((later.t - earlier.t for earlier, later in pairwise(self.events)), default=0.0)

    @property
    def writes(self) -> int:
        """How many values came through the stream writer."""
        return sum(isinstance(entry.event, Custom) for entry in self.events)


def _tasks_of_messages(events: Sequence[LogEntry]) -> Iterator[tuple[str, str]]:
    """The id of each message with the namespace of the task that made it; a task that is tried again keeps its own."""
    for entry in events:
        if isinstance(entry.event, Token) and entry.event.metadata:
            yield entry.event.message_id, str(entry.event.metadata.get("langgraph_checkpoint_ns") or "")


def _ids_from_models(events: Sequence[LogEntry]) -> Iterator[str]:
    for entry in events:
        if isinstance(entry.event, Token) and "ls_model_type" in (entry.event.metadata or {}):
            yield entry.event.message_id


def _nodes_that_ran(events: Sequence[LogEntry]) -> frozenset[str] | None:
    """The paths of the nodes in the log; `None` if no mode tells."""
    ran: set[str] = set()
    told = False
    for entry in events:
        event: Any = entry.event
        match event:
            case Updates(ns=ns, deltas=deltas):
                told = True
                ran |= {node_path(ns, node) for node in deltas}
            case TaskStarted(ns=ns, node=node):
                told = True
                ran.add(node_path(ns, node))
            case Token(ns=ns, node=node):
                ran.add(node_path(ns, node))
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # no other event names a node that has run
            case _ as never:
                assert_never(never)
    # A node whose subgraph was heard has run too.
    ran |= {path[: len(path) - len(rest)] for path in ran for rest in _inner_parts(path)}
    return frozenset(ran) if told else None


def _inner_parts(path: str) -> list[str]:
    levels = path.split("/")
    return ["/" + "/".join(levels[depth:]) for depth in range(1, len(levels))]
