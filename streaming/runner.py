"""Drives a run: the only code that touches a graph."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from streaming.errors import LabError, LimitReached
from streaming.events import Ended, Notice, Outcome, Started
from streaming.models import explain, local_server, open_model
from streaming.request import CompiledGraph, RunRequest
from streaming.run import Run
from streaming.translate import Translator


async def drive(run: Run, *, checkpointer: BaseCheckpointSaver[Any], api_key: str | None = None) -> None:
    """Run the graph and log what it streams; whatever happens, the log ends with exactly one end event."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    # From here and not from outside: a task cancelled before its first step would never log its end.
    run.on_cancel(partial(loop.call_soon_threadsafe, task.cancel))
    watch = asyncio.create_task(_cancel_when_alone(run, task))
    deadline = asyncio.timeout(run.request.limits.run_s)
    try:
        async with deadline:
            run.request.check()
            outcome = await _stream(run, checkpointer=checkpointer, api_key=api_key)
        end = Ended(outcome=outcome)
    except asyncio.CancelledError:
        end = _cancelled(run)
    except Exception as error:
        end = _timed_out(run) if deadline.expired() else _failed(error, run.request, api_key)
    finally:
        watch.cancel()
    run.append(end)


async def _stream(run: Run, *, checkpointer: BaseCheckpointSaver[Any], api_key: str | None) -> Outcome:
    request = run.request
    model = await _open_model(run, api_key)
    graph = request.graph.build(model, checkpointer=checkpointer)
    config: RunnableConfig = {"configurable": {"thread_id": run.thread_id}}
    start = await _input(graph, request, config)
    run.append(Started(thread_id=run.thread_id))
    translator = Translator()
    parts = graph.astream(
        start.input, start.config, stream_mode=list(request.modes), subgraphs=request.subgraphs, version="v2"
    )
    async for part in parts:
        event, size = translator.translate(part)
        run.append(event, size=size)
        _check_length(run)
    # Not every mode tells of an interrupt (messages and custom say nothing), the checkpoint always does.
    state = await graph.aget_state(config)
    return "interrupted" if state.next else "completed"


async def _open_model(run: Run, api_key: str | None) -> Any:
    spec = run.request.model
    if spec.provider == "local" and local_server().state != "ready":
        run.append(Notice(text="The embedded model is loading; the clock of the run starts when it is ready."))
    return await open_model(spec, api_key=api_key)


class _Start:
    """Where the graph starts: its input (`None` resumes) and the config that names the checkpoint."""

    def __init__(self, given: Any, config: RunnableConfig) -> None:
        self.input = given
        self.config = config


async def _input(graph: CompiledGraph, request: RunRequest, config: RunnableConfig) -> _Start:
    if request.fork is None:
        return _Start(request.graph.to_input(request.prompt), config)
    fork: RunnableConfig = {
        "configurable": {**config["configurable"], "checkpoint_id": request.fork.checkpoint_id, "checkpoint_ns": ""}
    }
    if request.fork.edits:
        fork = await graph.aupdate_state(fork, dict(request.fork.edits))
    return _Start(None, fork)


def _check_length(run: Run) -> None:
    most = run.request.limits.events
    if most is not None and len(run) > most:
        raise LimitReached(f"The run sent more than {most:,} events.", advice="Ask for fewer stream modes.")


async def _cancel_when_alone(run: Run, task: asyncio.Task[Any]) -> None:
    """Cancel the run when nobody has followed it for its grace time: nobody will miss it, and it may cost money."""
    grace = run.request.limits.grace_s
    if grace is None:
        return
    while (alone := run.alone_s) < grace:
        await asyncio.sleep(max(grace - alone, 0.01))
    task.cancel()


def _cancelled(run: Run) -> Ended:
    grace = run.request.limits.grace_s
    if grace is not None and run.alone_s >= grace:
        return Ended(outcome="cancelled", reason=f"Nobody followed the run for {grace:g} s.", advice="Run it again.")
    return Ended(outcome="cancelled", reason="Stopped. What had arrived by then is kept.")


def _timed_out(run: Run) -> Ended:
    return Ended(
        outcome="timed out",
        reason=f"The run took longer than its limit of {run.request.limits.run_s:g} s.",
        advice="What had arrived by then is kept. Choose a faster model or a shorter answer.",
    )


def _failed(error: Exception, request: RunRequest, api_key: str | None) -> Ended:
    known = error
    if not isinstance(error, LabError):
        with suppress(Exception):
            known = explain(error, request.model, secrets=[api_key] if api_key else [])
    if not isinstance(known, LabError):
        return Ended(outcome="failed", reason=f"{type(error).__name__}: {error}", error=type(error).__name__)
    return Ended(outcome="failed", reason=known.message, advice=known.advice, error=type(known).__name__)
