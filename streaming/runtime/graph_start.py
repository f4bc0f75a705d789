"""How a graph starts for a request: from its input, from answers to its questions, or from a checkpoint."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import RunControl
from langgraph.types import Command, StateSnapshot

from streaming.core.request import RunnableGraph, RunRequest
from streaming.runtime.outcome import checkpoint_id

_COPY = "__copy__"
"""LangGraph's word, in the place of a node's name, for a checkpoint as it is."""
_NEW_THREAD = -2
"""The superstep before that of a thread's first input, which is −1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphStart:
    """How a graph starts: input (`None` continues the thread), config with the checkpoint, and options.

    `first_step` is the superstep of the first state that it can send, `None` where it is not known.
    """

    input: Any
    config: RunnableConfig
    checkpoint_id: str | None
    options: Mapping[str, Any]
    first_step: int | None = None


async def prepare_start(
    graph: RunnableGraph, request: RunRequest, config: RunnableConfig, control: RunControl
) -> GraphStart:
    """What the request gives the graph; a fork with edits writes them into the thread first."""
    options: dict[str, Any] = {"control": control} if request.api in ("stream modes", "invoke") else {}
    if request.context is not None:
        options["context"] = dict(request.context)
    if request.interrupt_before:
        options["interrupt_before"] = list(request.interrupt_before)
    checkpoint = request.fork.checkpoint_id if request.fork else request.checkpoint_id
    continues = request.fork is not None or request.resume is not None
    before: int | None = _NEW_THREAD
    if checkpoint is not None:
        config = {
            **config,
            "configurable": {**config["configurable"], "checkpoint_id": checkpoint, "checkpoint_ns": ""},
        }
        before = request.fork.step if request.fork else await _step_at(graph, config, request)
    elif request.thread_id is not None:
        state = await graph.aget_state(config)
        checkpoint, before = checkpoint_id(state), _step_of(state)
        # A run that ended before its first checkpoint left nothing to continue, so it starts again.
        continues = continues and bool(state.next)
    edit = None
    if request.fork and request.fork.edits:
        edited, edit = await _edited(graph, config, dict(request.fork.edits))
        config = {**config, **edited}
    # In a thread: a graph that runs elsewhere, or that the history knows by its name, may have to be loaded first.
    given = edit or await asyncio.to_thread(_input, request, continues)
    return GraphStart(
        input=given,
        config=config,
        checkpoint_id=checkpoint,
        options=options,
        first_step=_first_step(before, given, forks=request.fork is not None),
    )


def needs_checkpoint(request: RunRequest) -> bool:
    """Whether the request goes on from a checkpoint: without one, its graph would begin with an empty state."""
    resume = request.resume
    known = request.checkpoint_id or (resume is not None and (resume.answers or resume.expects))
    return request.fork is not None or bool(known)


async def _edited(
    graph: RunnableGraph, config: RunnableConfig, edits: dict[str, Any]
) -> tuple[RunnableConfig, Command[Any] | None]:
    """Write edits into a checkpoint: the config of the new one, which goes on as the old one would have, and its input.

    LangGraph takes an edit for the last node's answer and follows that node's edges again. It cannot follow a `goto`,
    as no edge says it, so such a checkpoint is copied with what comes next, and the edit is an input of the run. An
    edit may well make an edge lead elsewhere: what is lost even by an empty edit was led to by a `goto`.
    """
    before = Counter((await graph.aget_state(config)).next)
    edited = await graph.aupdate_state(config, edits)
    if not await _loses(graph, {**config, **edited}, before):
        return edited, None
    empty = await graph.aupdate_state(config, {})
    if await _loses(graph, {**config, **empty}, before):
        # The run would write its input into the old checkpoint, and change it for whoever goes on from there again.
        return await graph.aupdate_state(config, None, as_node=_COPY), Command(update=edits)
    # Written again, because the newest checkpoint is where the thread stands.
    return await graph.aupdate_state(config, edits), None


async def _loses(graph: RunnableGraph, config: RunnableConfig, before: Counter[str]) -> bool:
    """Whether a task that would have run before would not after the config's checkpoint."""
    return bool(before - Counter((await graph.aget_state(config)).next))


def recursion_limit(request: RunRequest) -> RunnableConfig:
    """The part of the config that limits the supersteps; empty without a limit."""
    supersteps = request.limits.supersteps
    return {} if supersteps is None else {"recursion_limit": supersteps}


async def _step_at(graph: RunnableGraph, config: RunnableConfig, request: RunRequest) -> int | None:
    """The superstep of the config's checkpoint; it is looked up only for a run that sends states to be numbered."""
    return _step_of(await graph.aget_state(config)) if "values" in request.modes else None


def _step_of(state: StateSnapshot) -> int | None:
    """The superstep of a checkpoint; that before any input for a thread without one."""
    if checkpoint_id(state) is None:
        return _NEW_THREAD
    return (state.metadata or {}).get("step")


def _first_step(before: int | None, given: Any, *, forks: bool) -> int | None:
    """The superstep of the first state that LangGraph sends when it gets this at a thread's superstep `before`.

    A fork saves a checkpoint of its own first, and answers continue from where the thread is. An input is one
    superstep, and its state is the next; an empty one sends no state, so the first state is that after the nodes.
    """
    if before is None:
        return None
    if given is None or isinstance(given, Command):
        return before + 1 if forks else before
    return before + 2 if given != {} else before + 3


def _input(request: RunRequest, continues: bool) -> Any:
    if request.resume is not None and request.resume.answers:
        return Command(resume=dict(request.resume.answers))
    if continues:
        return None
    return request.graph.to_input(request.prompt) if request.input is None else request.input
