"""What can happen in a run. An event says what happened; a `LogEntry` says when, in which order and how heavy it was.

Everything in an event is plain data (JSON values), detached from the graph's live state.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Mode = Literal["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "tools"]
MODES: tuple[Mode, ...] = tuple(mode for mode in get_args(Mode) if mode != "tools")
"""The stream modes that LangGraph documents. It knows an eighth, `tools`, which only its event API names."""

Namespace = tuple[str, ...]
Outcome = Literal["completed", "interrupted", "cancelled", "timed out", "failed"]
Status = Literal["Running", "Completed", "Interrupted", "Cancelled", "Timed out", "Failed"]

STATUS_OF: dict[Outcome, Status] = {
    "completed": "Completed",
    "interrupted": "Interrupted",
    "cancelled": "Cancelled",
    "timed out": "Timed out",
    "failed": "Failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The engine says something, for example that it waits for the embedded model; `wait_s` is a wait that is known."""

    text: str
    wait_s: float | None = None
    kind: Literal["notice"] = "notice"


ANSWER_BROKE_OFF = "the answer broke off"
"""The reason of an attempt after an answer had begun."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The provider is asked again after a pause: attempt `number` `of` so many.

    `dropped` are the ids of messages that are said again from their start, because the answer had begun.
    """

    number: int
    of: int
    reason: str
    pause_s: float
    dropped: tuple[str, ...] = ()
    kind: Literal["attempt"] = "attempt"

    @property
    def restarts(self) -> bool:
        """Whether an answer had begun; without the mode `messages` nothing was said that could be dropped."""
        return bool(self.dropped) or self.reason == ANSWER_BROKE_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback:
    """The model did not stream and was asked for its whole answer, or failed and another one (`to`) answers.

    `lost_s` is what the first attempt took.
    """

    reason: str
    lost_s: float = 0.0
    to: str = ""
    kind: Literal["fallback"] = "fallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The graph has got its input: time zero of every latency figure; `checkpoint_id` is where the thread stood."""

    thread_id: str
    checkpoint_id: str | None = None
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The full state after a superstep."""

    ns: Namespace
    state: dict[str, Any]
    interrupts: tuple[Any, ...] = ()
    kind: Literal["values"] = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates:
    """What each node changed: node name → delta (`None` for an empty one)."""

    ns: Namespace
    deltas: dict[str, Any]
    cached: bool = False
    interrupts: tuple[Any, ...] | None = None
    kind: Literal["updates"] = "updates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One chunk of a message, or a `whole` one; `metadata` stands only on the first event of each message id.

    `tool_call_id` names the call that a tool's message answers.
    """

    ns: Namespace
    message_id: str
    node: str
    role: str
    text: str
    tags: tuple[str, ...] = ()
    reasoning: str = ""
    tool_calls: tuple[dict[str, Any], ...] = ()
    tool_call_id: str | None = None
    usage: dict[str, Any] | None = None
    whole: bool = False
    metadata: dict[str, Any] | None = None
    kind: Literal["messages"] = "messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """What a node or a tool wrote through the stream writer."""

    ns: Namespace
    data: Any
    kind: Literal["custom"] = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted:
    """A node was scheduled; under `max_concurrency` the time includes its wait."""

    ns: Namespace
    task_id: str
    node: str
    input: Any
    triggers: tuple[str, ...]
    kind: Literal["tasks"] = "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded:
    """A node returned, raised (`error`) or interrupted."""

    ns: Namespace
    task_id: str
    node: str
    result: Any
    error: str | None
    interrupts: tuple[Any, ...]
    kind: Literal["tasks"] = "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved:
    """A checkpoint of the thread; `next` are the nodes that would run from here."""

    ns: Namespace
    checkpoint_id: str
    parent_id: str | None
    source: str
    step: int
    values: dict[str, Any]
    next: tuple[str, ...]
    kind: Literal["checkpoints"] = "checkpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Debug:
    """An entry of the full trace: a checkpoint, a task or a task result, with a wall-clock timestamp."""

    ns: Namespace
    step: int
    timestamp: str
    type: str
    payload: dict[str, Any]
    kind: Literal["debug"] = "debug"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled:
    """A tool call's life, by its id: it started, put out a piece (`delta`), finished or failed."""

    ns: Namespace
    call_id: str
    step: Literal["started", "delta", "finished", "failed"]
    tool: str = ""
    data: Any = None
    kind: Literal["tools"] = "tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiEvent:
    """What one of the event APIs sent: its own `name` for it, the shape of its data, and any text of a model."""

    ns: Namespace
    name: str
    node: str
    shape: str
    text: str = ""
    message_id: str = ""
    data: Any = None
    kind: Literal["events"] = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A question that waits for a person: the interrupt's id, the node that asks, and what it asks."""

    id: str
    node: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The one last event of every run; a failure has a `reason` and an `advice`.

    `checkpoint_id` is where the thread stands now. After an interrupt, `pending` are the questions, and `next` the
    nodes that wait (a static breakpoint has nodes and no question; after a failure or a stop they are those that did
    not finish). `cut` are the ids of the messages that broke off.
    `cpu_s` is the time that the engine's thread computed during the run.
    """

    outcome: Outcome
    reason: str = ""
    advice: str = ""
    error: str = ""
    checkpoint_id: str | None = None
    pending: tuple[Pending, ...] = ()
    next: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    cpu_s: float | None = None
    kind: Literal["ended"] = "ended"


ModeEvent = Values | Updates | Token | Custom | TaskStarted | TaskEnded | CheckpointSaved | Debug | ToolCalled
Event = Notice | Attempt | Fallback | Started | ModeEvent | ApiEvent | Ended

ENGINE_KINDS = frozenset({"notice", "attempt", "fallback", "started", "ended"})
"""Kinds of events that the engine says itself; all others came from LangGraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An event with its place in the log.

    `seq` counts from 0 and orders the log; `t` is in seconds since the run was submitted, by a monotonic clock;
    `size` is the weight in bytes of the part that LangGraph sent, as JSON (0 for the engine's own events).
    """

    seq: int
    t: float
    event: Event
    size: int = field(default=0)
