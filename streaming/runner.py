"""Drives a run: the only code that touches a graph."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import Command, StateSnapshot

from streaming.errors import LabError, LimitReached
from streaming.event_apis import follow_api
from streaming.events import ApiEvent, Ended, Fallback, ModeEvent, Notice, Pending, Started
from streaming.models import cannot_stream, explain, local_server, open_model
from streaming.payload import plain
from streaming.places import Places
from streaming.request import CompiledGraph, RunRequest
from streaming.run import Run
from streaming.translate import Translator

Memory = Callable[[], Awaitable[BaseCheckpointSaver[Any]]]
"""Opens the checkpointer, or hands out the one that is open."""


async def drive(run: Run, *, memory: Memory, places: Places, api_key: str | None = None) -> None:
    """Run the graph and log what it streams; whatever happens, the log ends with exactly one end event."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    run.begin()
    # From here and not from outside: a task cancelled before its first step would never log its end.
    run.on_cancel(partial(loop.call_soon_threadsafe, task.cancel))
    watch = asyncio.create_task(_cancel_when_alone(run, task))
    deadline: asyncio.Timeout | None = None
    try:
        run.request.check()
        async with places.place(run.request.labels.get("owner", ""), tell=partial(_say_place, run)):
            # The time in the queue does not count.
            deadline = asyncio.timeout(run.request.limits.run_s)
            async with deadline:
                end = await _stream(run, memory=memory, api_key=api_key)
    except asyncio.CancelledError:
        end = _cancelled(run)
    except Exception as error:
        timed_out = deadline is not None and deadline.expired()
        end = _timed_out(run) if timed_out else _failed(error, run.request, api_key)
    finally:
        watch.cancel()
    run.append(end)


def _say_place(run: Run, before: int) -> None:
    runs = "no run is" if before == 0 else "1 run is" if before == 1 else f"{before} runs are"
    run.append(Notice(text=f"The server is busy: {runs} before this one in the queue."))


async def _stream(run: Run, *, memory: Memory, api_key: str | None) -> Ended:
    request = run.request
    model = await _open_model(run, api_key)
    graph = request.graph.build(model, checkpointer=await memory())
    config: RunnableConfig = {"configurable": {"thread_id": run.thread_id}}
    start = await _start(graph, request, config)
    computed = time.thread_time()
    run.append(Started(thread_id=run.thread_id, checkpoint_id=start.checkpoint_id))
    if request.api == "stream modes":
        await _stream_modes(run, graph, start)
    elif request.api == "invoke":
        await _invoke(run, graph, start)
    else:
        await follow_api(graph, request.api, start.input, start.config, start.options, append=partial(_log, run))
    computed = time.thread_time() - computed
    # Not every mode tells of an interrupt (messages and custom say nothing), the checkpoint always does.
    return ended_at(await graph.aget_state(config), cpu_s=computed)


async def _stream_modes(run: Run, graph: CompiledGraph, start: "_Start") -> None:
    request, translator = run.request, Translator()
    # LangGraph's own type for modes leaves out `tools`.
    modes: list[Any] = list(request.modes)
    parts = graph.astream(
        start.input,
        start.config,
        stream_mode=modes,
        subgraphs=request.subgraphs,
        version="v2",
        **start.options,
    )
    async for part in parts:
        _log(run, *translator.translate(part))


async def _invoke(run: Run, graph: CompiledGraph, start: "_Start") -> None:
    """The whole state at the end, and nothing before it."""
    state = await graph.ainvoke(start.input, start.config, **start.options)
    _log(run, *Translator().translate({"type": "values", "ns": (), "data": state}))


def _log(run: Run, event: ModeEvent | ApiEvent, size: int) -> None:
    run.append(event, size=size)
    most = run.request.limits.events
    if most is not None and run.length > most:
        raise LimitReached(f"The run sent more than {most:,} events.", advice="Ask for fewer stream modes.")


async def _open_model(run: Run, api_key: str | None) -> Any:
    spec = run.request.model
    if spec.provider == "local" and local_server().state != "ready":
        run.append(Notice(text="The embedded model is loading; the clock of the run starts when it is ready."))
    model = await open_model(spec, api_key=api_key, tell=run.append)
    if (why := cannot_stream(model)) is not None:
        run.append(Fallback(reason=why))
    return model


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """Where the graph starts: its input (`None` goes on), the config that names the checkpoint, and the options."""

    input: Any
    config: RunnableConfig
    checkpoint_id: str | None
    options: Mapping[str, Any]


async def _start(graph: CompiledGraph, request: RunRequest, config: RunnableConfig) -> _Start:
    options: dict[str, Any] = {}
    if request.context is not None:
        options["context"] = dict(request.context)
    if request.breakpoints:
        options["interrupt_before"] = list(request.breakpoints)
    at = request.fork.checkpoint_id if request.fork else request.at
    if at is not None:
        config = {"configurable": {**config["configurable"], "checkpoint_id": at, "checkpoint_ns": ""}}
    elif request.thread_id is not None:
        at = checkpoint_id(await graph.aget_state(config))
    if request.fork and request.fork.edits:
        config = await graph.aupdate_state(config, dict(request.fork.edits))
    return _Start(input=_input(request), config=config, checkpoint_id=at, options=options)


def _input(request: RunRequest) -> Any:
    if request.resume is not None and request.resume.answers:
        return Command(resume=dict(request.resume.answers))
    if request.fork is not None or request.resume is not None:
        return None
    return request.graph.to_input(request.prompt)


def ended_at(state: StateSnapshot, *, cpu_s: float | None = None) -> Ended:
    """The end event for a thread that stands here: completed, or interrupted with what waits."""
    return Ended(
        outcome="interrupted" if state.next else "completed",
        checkpoint_id=checkpoint_id(state),
        pending=tuple(
            Pending(id=question.id, node=task.name, value=plain(question.value))
            for task in state.tasks
            for question in task.interrupts
        ),
        next=tuple(state.next),
        cpu_s=cpu_s,
    )


def checkpoint_id(state: StateSnapshot) -> str | None:
    """The id of the checkpoint; `None` for a thread that has none yet."""
    return state.config["configurable"].get("checkpoint_id")


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
