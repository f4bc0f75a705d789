"""The events of a run. An event says what happened; a `LogEntry` adds when, in which order, and its size.

Everything in an event is plain data (JSON values), detached from the graph's live state.

The project uses one word for each thing:

run                one execution of a graph for one request, from its submission to its end event
event              something that happened in a run: a value of one of the types in `Event`
log entry          an event with its number in the log, its time and its size
stream mode        what LangGraph is asked to stream: `values`, `updates`, `messages`, `custom`, …
node               a step of a graph: a function, a tool or another graph
superstep          one round of LangGraph's execution: the nodes that run in parallel, then one update of the state
namespace          the path to a subgraph: `node:task` for each level, empty for the outer graph
thread             a sequence of checkpoints under one id; a conversation is a thread
turn               one prompt of a conversation with its answer; each new version of it is a run of its own
checkpoint         the saved state of a thread after a superstep
interrupt          a pause for input from a person, at a question that a node asks or before a named node
resume             to continue a thread after an interrupt, with the answers
fork               to continue from an earlier checkpoint, often with an edited state
TTFT               time to first token: from submission to the first visible text
TPOT               time per output token after the first one: decode time ÷ (tokens − 1)
ITL                inter-token latency: each gap between two chunks of one message
E2E latency        from submission to the end event
decode speed       tokens per second while a message streams: every token but each message's first
SLO attainment     the share of runs that meet all objectives, for example TTFT ≤ 1 s and TPOT ≤ 50 ms
goodput            runs per second that meet all objectives
flush strategy     when and how text that has arrived is drawn
follower           a reader of a run's log, live or late; it never slows the run
projection         a pure reducer of log entries: the only code that knows what an event means
view model         what the projections of a run have computed and a screen shows
patch              a small change of a view model; applying all of them in order gives the view model (fold)
player             the JavaScript that applies patches and draws
sequence           many runs of which each starts when the one before it has ended
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from streaming.core.state_fields import fields_of

Mode = Literal["values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "tools"]
MODES: tuple[Mode, ...] = tuple(mode for mode in get_args(Mode) if mode != "tools")
"""The stream modes that LangGraph documents. It has an eighth, `tools`, which only its event API names."""

Namespace = tuple[str, ...]
Outcome = Literal["completed", "interrupted", "cancelled", "timed out", "failed"]
Status = Literal["Waiting", "Running", "Completed", "Interrupted", "Paused", "Cancelled", "Timed out", "Failed"]
"""A run's state in one word: *Waiting* for a slot, a rate limit or a model, before its graph has its input;
*Interrupted* for an answer, by LangGraph's `interrupt`; *Paused* after a step, by its user."""

STATUS_OF: dict[Outcome, Status] = {
    "completed": "Completed",
    "interrupted": "Interrupted",
    "cancelled": "Cancelled",
    "timed out": "Timed out",
    "failed": "Failed",
}
"""The state of a run by its outcome; a run that was stopped after a step is told apart by `status_of`."""


def status_of(ended: "Ended") -> Status:
    """The state of a run that has ended; a run that was stopped after a step is interrupted and has a reason."""
    return "Paused" if ended.outcome == "interrupted" and ended.reason else STATUS_OF[ended.outcome]


class ReportEvent:
    """Group of events: what the engine or the provider reports on the way to an answer."""

    __slots__ = ()


class BoundaryEvent:
    """Group of events: the graph gets its input, the run ends."""

    __slots__ = ()


class StateEvent:
    """Group of events: the graph's state, or a change of it."""

    __slots__ = ()


class TaskEvent:
    """Group of events: the start or end of a node."""

    __slots__ = ()


class OutputEvent:
    """Group of events: what a model, a tool or a node writes while it runs."""

    __slots__ = ()


class TraceEvent:
    """Group of events: what the other modes report too, in the form of `debug` or of an event API."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice(ReportEvent):
    """A message of the engine, for example that the embedded model is loading.

    `wait_s` is the length of the wait in seconds where it is known in advance.
    """

    text: str
    wait_s: float | None = None
    kind: Literal["notice"] = "notice"


ANSWER_BROKE_OFF = "the answer broke off"
"""The reason of an attempt that repeats an answer after it broke off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt(ReportEvent):
    """The provider is asked again after a pause of `pause_s` seconds: attempt `number` of at most `of`.

    `dropped` are the ids of unfinished messages that will be written again from their start, under new ids. Every
    projection removes their text and their figures.
    """

    number: int
    of: int
    reason: str
    pause_s: float
    dropped: tuple[str, ...] = ()
    kind: Literal["attempt"] = "attempt"

    @property
    def restarts(self) -> bool:
        """Whether an answer is repeated that broke off. Without the mode `messages` there is no message to drop."""
        return bool(self.dropped) or self.reason == ANSWER_BROKE_OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallback(ReportEvent):
    """The model did not stream, so its whole answer was requested; or it failed, and another model (`to`) answers.

    `to` is the other model's name on screen. `lost_s` is how long the first attempt took, in seconds.
    """

    reason: str
    lost_s: float = 0.0
    to: str = ""
    kind: Literal["fallback"] = "fallback"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderStep(ReportEvent):
    """What the fault server did for this run; other providers do not report their steps."""

    text: str
    kind: Literal["provider"] = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started(BoundaryEvent):
    """The graph has got its input: the run's wait (queue, rate limit, loading of the model) is over.

    `checkpoint_id` is the thread's latest checkpoint before the run; `None` for a new thread. `first_step` is the
    superstep of the first state that LangGraph can send, `None` where it is not known.
    """

    thread_id: str
    checkpoint_id: str | None = None
    first_step: int | None = None
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values(StateEvent):
    """The full state after a superstep; it is whatever the graph has for a state, not always a mapping."""

    ns: Namespace
    state: Any
    interrupts: tuple[Any, ...] = ()
    kind: Literal["values"] = "values"

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the state; one for all of it if it is no mapping."""
        return fields_of(self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates(StateEvent):
    """What each node changed: node name → delta (`None` for an empty one).

    `cached` is true if the result came from LangGraph's cache. `interrupts` is `None` unless the part reports an
    interrupt; that of a static breakpoint is an empty tuple.
    """

    ns: Namespace
    deltas: dict[str, Any]
    cached: bool = False
    interrupts: tuple[Any, ...] | None = None
    kind: Literal["updates"] = "updates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(OutputEvent):
    """One chunk of a message, or a `whole` message.

    Only the first event of each message id has `metadata`. `tool_call_id` names the call that a tool's message answers.
    `finish_reason` is why the answer ended, in the provider's own word; its last chunk has it. `refusal` is true if the
    text are words in which the model declines, which the provider sends apart from other text. `content` are the blocks
    that are neither text nor reasoning nor tool calls (images, audio, files, citations, unknown ones), as they came.
    `tool_error` is set in the message of a tool that reports an error, or that a tool of this name does not exist.
    The text of a token that is `kept` was received by an earlier run, which this one continues: nobody waited for it.
    `sent` is what the message part had beside all this and its message's first part (`streaming.core.sent_message`).
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
    finish_reason: str | None = None
    refusal: bool = False
    content: tuple[dict[str, Any], ...] = ()
    tool_error: Literal["failed", "unknown tool"] | None = None
    kept: bool = False
    sent: dict[str, Any] | None = None
    kind: Literal["messages"] = "messages"

    @property
    def task_id(self) -> str:
        """The innermost task that wrote it; empty where no metadata tells it, as in later events of a message."""
        return str((self.metadata or {}).get("langgraph_checkpoint_ns", "")).rpartition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom(OutputEvent):
    """What a node or a tool wrote through the stream writer."""

    ns: Namespace
    data: Any
    kind: Literal["custom"] = "custom"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStarted(TaskEvent):
    """A node was scheduled; under `max_concurrency` its span includes the wait for its turn."""

    ns: Namespace
    task_id: str
    node: str
    input: Any
    triggers: tuple[str, ...]
    kind: Literal["tasks"] = "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded(TaskEvent):
    """A node returned, raised (`error`) or interrupted."""

    ns: Namespace
    task_id: str
    node: str
    result: Any
    error: str | None
    interrupts: tuple[Any, ...]
    kind: Literal["tasks"] = "tasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved(StateEvent):
    """A checkpoint of the thread; `next` are the nodes that run from here, `values` is the state (`None` before it).

    `sent` are all fields of the part in their order, without its values; `None` in events of earlier versions.
    """

    ns: Namespace
    checkpoint_id: str
    parent_id: str | None
    source: str
    step: int
    values: Any
    next: tuple[str, ...]
    sent: dict[str, Any] | None = None
    kind: Literal["checkpoints"] = "checkpoints"

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of the state; one for all of it if it is no mapping."""
        return fields_of(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Debug(TraceEvent):
    """An entry of the full trace: a checkpoint, a task or a task result, with a wall-clock timestamp."""

    ns: Namespace
    step: int
    timestamp: str
    type: Literal["checkpoint", "task", "task_result"]
    payload: dict[str, Any]
    kind: Literal["debug"] = "debug"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled(OutputEvent):
    """A step of a tool call: it started, sent a part of its output (`delta`), finished or failed."""

    ns: Namespace
    call_id: str
    step: Literal["started", "delta", "finished", "failed"]
    tool: str = ""
    data: Any = None
    kind: Literal["tools"] = "tools"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiEvent(TraceEvent):
    """What one of LangGraph's event APIs sent: its `name` there, the shape of its data, and any text of a model."""

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
    """An interrupt that waits for an answer: its id, the node that asks, and what it asks.

    `schema` is the JSON schema of the answer, `None` if the graph gives none.
    """

    id: str
    node: str
    value: Any
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    """A line of the author's at which the event loop of the graph's process stood still.

    `node` is empty where it is not known. `seconds` were spent at this line in all, `longest_s` is the longest time in
    which the loop did nothing else.
    """

    node: str
    text: str
    file: str
    line: int
    seconds: float
    longest_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(BoundaryEvent):
    """The last event of every run, exactly one; a failure has a `reason` and an `advice`.

    `checkpoint_id` is the thread's latest checkpoint. After an interrupt, `pending` are the questions and `next` the
    nodes that wait (a static breakpoint has nodes and no question); after a failure or a stop, `next` are the nodes
    that did not finish. `cut` are the ids of the messages that were not finished.
    `cpu_s` is the CPU time of the engine's thread during the run, in seconds; it includes runs that execute at the
    same time. `stalls` are the lines of the graph's code that held the event loop of its own process.
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
    stalls: tuple[Stall, ...] = ()
    kind: Literal["ended"] = "ended"


ModeEvent = Values | Updates | Token | Custom | TaskStarted | TaskEnded | CheckpointSaved | Debug | ToolCalled
GraphEvent = ModeEvent | ApiEvent
"""What LangGraph sent; each has a namespace `ns`."""

EngineEvent = Notice | Attempt | Fallback | ProviderStep | Started | Ended
"""What the engine reports itself."""

Event = EngineEvent | GraphEvent
"""Every type of event. Other lists of event types are derived from this one.

A `match` over events ends in `assert_never`. Before it, one case names the groups of events that it does not use, so
that an event of a new kind has to be considered wherever its group is not.
"""

EVENT_TYPES: tuple[type[Event], ...] = get_args(Event)
ENGINE_KINDS: frozenset[str] = frozenset(kind.__dataclass_fields__["kind"].default for kind in get_args(EngineEvent))
"""Kinds of the engine's own events; all others came from LangGraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An event in its log.

    `seq` counts from 0 and orders the log; `t` is in seconds since the run was submitted, by a monotonic clock;
    `size` is the number of bytes of the part that LangGraph sent, as JSON (0 for the engine's own events).
    """

    seq: int
    t: float
    event: Event
    size: int = 0
