"""Creates the end event of a run, with the position of its thread and its unfinished messages."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from traceback import walk_tb
from typing import Any, TypeVar, assert_never

from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import run_in_executor
from langgraph.errors import GraphRecursionError
from langgraph.types import StateSnapshot

from streaming.core.errors import LabError, LimitReached
from streaming.core.events import (
    Attempt,
    BoundaryEvent,
    Ended,
    LogEntry,
    OutputEvent,
    Pending,
    ReportEvent,
    StateEvent,
    TaskEvent,
    Token,
    TraceEvent,
)
from streaming.core.request import HasDescription, RunnableGraph, RunRequest
from streaming.core.run import Run
from streaming.core.serialization import to_plain
from streaming.projections.active_nodes import ActiveNodes
from streaming.projections.base import apply_all
from streaming.providers.client_errors import error_chain
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.error_mapping import to_lab_error
from streaming.runtime.database_troubles import database_failure
from streaming.runtime.graph_descriptions import describe
from streaming.runtime.unsaved_values import unsaved_value

_CHECKPOINTERS = ("langgraph.checkpoint.sqlite", "langgraph.checkpoint.postgres")
_CONNECTION_ERRORS = frozenset({"BrokenStream", "Unreachable", "ProviderFailed"})
_T = TypeVar("_T")

POSITION_TIMEOUT_S = 1.0
"""How long a run that broke off waits for the position of its thread, from the database."""


def end_at(state: StateSnapshot, *, cpu_s: float | None = None) -> Ended:
    """The end event for a thread at this checkpoint: completed, or interrupted with its pending questions."""
    return Ended(
        outcome="interrupted" if state.next else "completed",
        checkpoint_id=checkpoint_id(state),
        pending=tuple(
            Pending(
                id=question.id,
                node=task.name,
                value=to_plain(question.value),
                schema=to_plain(getattr(question, "response_schema", None)),
            )
            for task in state.tasks
            for question in task.interrupts
        ),
        next=tuple(state.next),
        cpu_s=cpu_s,
    )


def drained_end(state: StateSnapshot) -> Ended:
    """The end of a run that was asked to stop after its superstep."""
    return replace(end_at(state), reason=f"Stopped after the step, before {', '.join(state.next) or 'the end'}.")


def cancelled_end(run: Run) -> Ended:
    """The end of a run that was stopped, or that had no follower for its grace time."""
    grace = run.request.limits.grace_s
    if grace is not None and run.unfollowed_s >= grace:
        return Ended(outcome="cancelled", reason=f"The run had no follower for {grace:g} s.", advice="Run it again.")
    if run.cancel_reason:
        return Ended(outcome="cancelled", reason=f"{run.cancel_reason} What had arrived by then is kept.")
    reason = "Stopped. What had arrived by then is kept." if run.started else "Stopped before it began."
    return Ended(outcome="cancelled", reason=reason)


def timed_out_end(run: Run) -> Ended:
    """The end of a run that took longer than its limit."""
    return Ended(
        outcome="timed out",
        reason=f"The run took longer than its limit of {run.request.limits.run_s:g} s.",
        advice="What had arrived by then is kept. Choose a faster model or a shorter answer, or another server if "
        "this one never ends its answers.",
        error="LimitReached",
    )


def failed_end(error: Exception, request: RunRequest, secrets: Sequence[str]) -> Ended:
    """The end of a run that failed: what happened and what to do about it, without these secrets."""
    mapped: Exception = error
    if isinstance(error, GraphRecursionError):
        mapped = _endless(request)
    elif (unsaved := unsaved_value(error)) is not None:
        mapped = unsaved
    elif not isinstance(error, LabError) and _in_checkpointer(error):
        mapped = database_failure(error)
    if not isinstance(mapped, LabError):
        with suppress(Exception):
            mapped = to_lab_error(error, request.model, secrets=secrets)
    if not isinstance(mapped, LabError):
        # Without the error's message, which may contain secrets.
        return Ended(outcome="failed", reason=f"The run failed by {type(error).__name__}.", error=type(error).__name__)
    return _failure(mapped)


def _endless(request: RunRequest) -> LabError:
    limit = request.limits.supersteps
    ran = f"{limit:,} supersteps" if limit is not None else "as many supersteps as LangGraph allows"
    return LimitReached(
        f"The graph ran {ran} without reaching its end.",
        advice="A loop in it may never end: give the loop a condition that is met. "
        "The server's setting `recursion_limit` sets the number.",
    )


def with_running_nodes(end: Ended, run: Run) -> Ended:
    """The end of a run whose process ended, with the nodes that were running, where they are known."""
    with suppress(LabError):
        nodes = apply_all(ActiveNodes(describe(run.request.graph).edges), run.events).nodes
        if nodes:
            names = ", ".join(f"“{name}”" for name in sorted(nodes))
            return replace(end, reason=f"{end.reason} {names} {'was' if len(nodes) == 1 else 'were'} running.")
    return end


async def embedded_crash(end: Ended, embedded: EmbeddedServer) -> Ended:
    """The end of a run, with the death of the embedded model's process as its reason if that made the connection fail.

    Waits for a moment, because a connection ends before its process is known to be dead.
    """
    if end.error not in _CONNECTION_ERRORS:
        return end
    crash = await embedded.wait_crash()
    return end if crash is None else _failure(crash)


def _failure(error: LabError) -> Ended:
    return Ended(outcome="failed", reason=error.message, advice=error.advice, error=type(error).__name__)


def _in_checkpointer(error: BaseException) -> bool:
    """Whether the checkpointer raised this, and not a node."""
    frames = (frame for link in error_chain(error) for frame, _ in walk_tb(link.__traceback__))
    return any(str(frame.f_globals.get("__name__")).startswith(_CHECKPOINTERS) for frame in frames)


async def with_thread_position(end: Ended, run: Run, graph: RunnableGraph, config: RunnableConfig) -> Ended:
    """The end of a run that broke off, with the position of its thread; unchanged if the database does not answer."""
    state = await _position(graph, config)
    if state is None:
        return end
    uninterruptible = [
        name for name in dict.fromkeys(state.next) if end.outcome == "cancelled" and is_sync(graph, name)
    ]
    names = ", ".join(uninterruptible)
    goes_on = getattr(graph, "after_stop", "it continues, unseen")
    note = f" {names} is synchronous code, which cannot be interrupted: {goes_on}." if uninterruptible else ""
    cut = {task: message for message, task in unfinished_messages(run.events, state)}
    return replace(
        end,
        reason=end.reason + note,
        checkpoint_id=checkpoint_id(state),
        next=tuple(state.next),
        cut=tuple(cut.values()),
    )


async def _position(graph: RunnableGraph, config: RunnableConfig) -> StateSnapshot | None:
    try:
        async with asyncio.timeout(POSITION_TIMEOUT_S):
            return await graph.aget_state(config)
    except Exception:  # noqa: BLE001 - the end event matters more than its position
        return None


async def shielded(work: Coroutine[Any, Any, _T], *, otherwise: _T) -> _T:
    """The result of work that belongs to the end of a run: cancelling the run again does not interrupt it.

    The end event is logged after it, and without one a run never ends for its followers. Closing the server cancels
    the work itself; the result is `otherwise` then.
    """
    task = asyncio.create_task(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task})
    return otherwise if task.cancelled() else task.result()


def is_sync(graph: RunnableGraph, name: str) -> bool:
    """Whether this node is a synchronous function: it runs in a thread, which cannot be cancelled."""
    if isinstance(graph, HasDescription):
        return name in graph.description.sync_nodes
    bound: Any = getattr(graph.nodes.get(name), "bound", None)
    # LangGraph wraps such a function in a call of `run_in_executor`.
    return getattr(getattr(bound, "afunc", None), "func", None) is run_in_executor


def unfinished_messages(events: Iterable[LogEntry], state: StateSnapshot) -> Iterator[tuple[str, str]]:
    """Messages of the model whose node has not finished: message id and task id, in the order of their start."""
    open_tasks = {task.id for task in state.tasks if task.result is None and not task.interrupts}
    dropped: set[str] = set()
    task_of_message: dict[str, str] = {}
    for entry in events:
        match entry.event:
            case Attempt(dropped=ids):
                dropped.update(ids)
            case Token(role="ai", message_id=message_id, metadata=dict(metadata)):
                task_of_message[message_id] = _task_of(metadata)
            case OutputEvent() | StateEvent() | TaskEvent() | TraceEvent() | ReportEvent() | BoundaryEvent():
                pass  # only the first event of a message names its task
            case _ as never:
                assert_never(never)
    for message_id, task in task_of_message.items():
        if task in open_tasks and message_id not in dropped:
            yield message_id, task


def _task_of(metadata: dict[str, Any]) -> str:
    """The task of the outermost graph that a message belongs to; `node:task|node:task` is the path to a subgraph."""
    return str(metadata.get("langgraph_checkpoint_ns", "")).partition("|")[0].rpartition(":")[2]


def checkpoint_id(state: StateSnapshot) -> str | None:
    """The id of the checkpoint; `None` for a thread that has none yet."""
    return state.config["configurable"].get("checkpoint_id")
