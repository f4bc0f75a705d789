"""How a graph starts for a request: from its input, from answers to its questions, or from a checkpoint."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.runtime import RunControl
from langgraph.types import Command

from streaming.core.request import RunnableGraph, RunRequest
from streaming.runtime.outcome import checkpoint_id


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphStart:
    """How a graph starts: input (`None` continues the thread), config with the checkpoint, and options."""

    input: Any
    config: RunnableConfig
    checkpoint_id: str | None
    options: Mapping[str, Any]


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
    if checkpoint is not None:
        config = {
            **config,
            "configurable": {**config["configurable"], "checkpoint_id": checkpoint, "checkpoint_ns": ""},
        }
    elif request.thread_id is not None:
        state = await graph.aget_state(config)
        checkpoint = checkpoint_id(state)
        # A run that ended before its first checkpoint left nothing to continue, so it starts again.
        continues = continues and bool(state.next)
    if request.fork and request.fork.edits:
        config = {**config, **await graph.aupdate_state(config, dict(request.fork.edits))}
    # In a thread: a graph that runs elsewhere, or that the history knows by its name, may have to be loaded first.
    given = await asyncio.to_thread(_input, request, continues)
    return GraphStart(input=given, config=config, checkpoint_id=checkpoint, options=options)


def recursion_limit(request: RunRequest) -> RunnableConfig:
    """The part of the config that limits the supersteps; empty without a limit."""
    supersteps = request.limits.supersteps
    return {} if supersteps is None else {"recursion_limit": supersteps}


def _input(request: RunRequest, continues: bool) -> Any:
    if request.resume is not None and request.resume.answers:
        return Command(resume=dict(request.resume.answers))
    if continues:
        return None
    return request.graph.to_input(request.prompt) if request.input is None else request.input
