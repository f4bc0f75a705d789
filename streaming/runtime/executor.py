"""Executes a run; the only module that streams a graph."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from streaming.core.errors import BrokenStream, GraphFailed, LimitReached, NotContinuable, ProcessEnded, TooSlow
from streaming.core.events import ANSWER_BROKE_OFF, ApiEvent, Attempt, Ended, Fallback, ModeEvent, Notice, Started
from streaming.core.request import HidesSecrets, RunnableGraph, RunRequest, secrets_of
from streaming.core.run import Run
from streaming.core.serialization import hide_keys
from streaming.core.stops_first import StopsFirst
from streaming.core.typed_secrets import revealed, texts_of
from streaming.own_graphs.own_graph import OwnGraph
from streaming.providers.call_policy import CallPolicy
from streaming.providers.catalogue import resolve_key
from streaming.providers.client_errors import error_chain
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.factory import cannot_stream, open_model
from streaming.providers.http_clients import HttpClientPool
from streaming.providers.key_forms import MIN_KEY_CHARS, forms_of
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.providers.url_policy import secrets_in_url
from streaming.remote_graphs.proxy import STARTED, RemoteGraphProxy
from streaming.runtime.admission import Admission
from streaming.runtime.checkpoint_order import continue_after
from streaming.runtime.claim_rows import Move
from streaming.runtime.database_troubles import damaged_state
from streaming.runtime.event_apis import follow_api
from streaming.runtime.graph_start import GraphStart, needs_checkpoint, prepare_start, recursion_limit
from streaming.runtime.outcome import (
    cancelled_end,
    drained_end,
    embedded_crash,
    end_at,
    failed_end,
    shielded,
    timed_out_end,
    unfinished_messages,
    with_running_nodes,
    with_thread_position,
)
from streaming.runtime.stream_parts import StreamPartDecoder
from streaming.runtime.thread_claims import RELEASE_TIMEOUT_S, Lock, ThreadClaims, claims_of

OpenCheckpointer = Callable[[], Awaitable[BaseCheckpointSaver[Any]]]
"""Opens the checkpointer, or returns the one that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What all runs of an engine share."""

    open_checkpointer: OpenCheckpointer
    admission: Admission
    embedded: EmbeddedServer
    clients: HttpClientPool
    stops_first: StopsFirst = field(default_factory=StopsFirst)


@dataclass(slots=True)
class _Execution:
    """The graph and config of a run, once they are known: its end event reads the thread's position from them.

    `streamed_s` is the age of the run when its stream was over, `None` if it has not come so far.
    """

    graph: RunnableGraph | None = None
    config: RunnableConfig | None = None
    claims: ThreadClaims | None = None
    lock: Lock | None = None
    renewal: asyncio.Task[None] | None = None
    streamed_s: float | None = None


async def execute_run(run: Run, resources: Resources, *, api_key: str | None = None) -> None:
    """Run the graph and log what it streams; the log always ends with exactly one end event."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    await _look_at_files(run.request)
    run.begin()
    # Set here and not by the engine: a task that is cancelled before its first step cannot log its end.
    run.on_cancel(partial(loop.call_soon_threadsafe, _stop, run, task, resources.stops_first))
    watch = asyncio.create_task(_cancel_when_unfollowed(run, task))
    deadline: asyncio.Timeout | None = None
    work = _Execution()
    secrets = _keys(run.request, api_key)
    hide_keys(forms_of(secrets))
    try:
        run.request.check()
        async with resources.admission.admit(run):
            # The time limit does not count the wait for admission.
            deadline = asyncio.timeout(run.request.limits.run_s)
            async with deadline:
                end = await _stream(run, work, resources, api_key=api_key)
    except asyncio.CancelledError:
        end = cancelled_end(run)
        end = replace(end, reason=end.reason + getattr(work.graph, "end_note", ""))
    except Exception as error:  # noqa: BLE001 - every run ends with an end event
        expired = deadline is not None and deadline.expired()
        end = timed_out_end(run) if expired else failed_end(error, run.request, secrets)
        if isinstance(error, ProcessEnded):
            end = with_running_nodes(end, run)
        if run.request.model.provider == "local":
            end = await shielded(embedded_crash(end, resources.embedded), otherwise=end)
    except (SystemExit, KeyboardInterrupt) as error:
        end = failed_end(_exit(error), run.request, secrets)
    finally:
        watch.cancel()
    if work.graph is not None and work.config is not None and end.outcome not in ("completed", "interrupted"):
        end = await shielded(with_thread_position(end, run, work.graph, work.config), otherwise=end)
    if stalls := getattr(work.graph, "stalls", ()):
        end = replace(end, stalls=stalls)
    await shielded(_release(work, end), otherwise=None)
    resources.stops_first.end(run.id)
    # The run took as long as its stream: what was read for its end event is the work of this program.
    run.append(end, at_s=work.streamed_s)


async def _look_at_files(request: RunRequest) -> None:
    """Notice changed files of a developer's graph before time zero, which for large projects takes a token's time."""
    if isinstance(request.graph, OwnGraph):
        # An error is the run's, which looks again.
        with suppress(Exception):
            await asyncio.to_thread(request.graph.look_at_files)


def _stop(run: Run, task: asyncio.Task[None], stops_first: StopsFirst) -> None:
    if not task.done():
        stops_first.begin(run.id)
        task.cancel()


def _exit(error: BaseException) -> GraphFailed:
    return GraphFailed(
        f"A node raised {type(error).__name__}, which would end the whole program; here it ended its run.",
        advice="Let the node return, or raise an exception of its own, instead of calling exit().",
    )


async def _release(work: _Execution, end: Ended) -> None:
    """End the run's lock on its thread, and its claim if it got no further.

    Without an answer of the database the lock ends by its age.
    """
    if work.renewal is not None:
        work.renewal.cancel()
    if work.claims is None or work.lock is None:
        return
    reached = end.checkpoint_id if work.graph is not None else work.lock.checkpoint_id
    try:
        async with asyncio.timeout(RELEASE_TIMEOUT_S):
            await work.claims.release(work.lock, reached=reached, cancelled=end.outcome == "cancelled")
    except Exception:  # noqa: BLE001 - the end event matters more
        return


def _keys(request: RunRequest, api_key: str | None) -> list[str]:
    """The keys that this run may send, from the session, the environment, or a base URL."""
    fallback = request.fallback_model
    keys = [resolve_key(request.model, api_key), resolve_key(fallback) if fallback else None]
    keys += secrets_in_url(request.model.base_url or "") + secrets_in_url((fallback and fallback.base_url) or "")
    return [key for key in (*keys, *secrets_of(request.graph), *texts_of(request)) if key and len(key) >= MIN_KEY_CHARS]


async def _stream(run: Run, work: _Execution, resources: Resources, *, api_key: str | None) -> Ended:
    request = revealed(run.request)
    model = await _open_model(run, resources, api_key)
    saver = await resources.open_checkpointer()
    graph = request.graph.build(model, checkpointer=saver)
    if isinstance(graph, HidesSecrets):
        graph.hide(texts_of(request))
    config: RunnableConfig = {
        "configurable": {**(request.configurable or {}), "thread_id": run.thread_id},
        **recursion_limit(request),
    }
    control = RunControl()
    run.on_drain(control.request_drain)
    if request.thread_id is not None:
        await _claim(run, work, claims_of(saver), graph, config)
    else:
        await _lock_new_thread(run, work, claims_of(saver))
    start = await prepare_start(graph, request, config, control)
    work.graph, work.config = graph, config
    cpu_start = time.thread_time()
    if isinstance(graph, RemoteGraphProxy):
        graph.on_notice = lambda text: run.append(Notice(text=text))
        graph.on_notice(f"Waiting for {graph.server.label} to start the run.")
    else:
        run.append(_started(run, start))
    try:
        await _follow_to_the_end(run, work, start, resources.stops_first)
    except GraphDrained:
        return drained_end(await graph.aget_state(config))
    cpu_s = time.thread_time() - cpu_start
    # Not every mode reports an interrupt (`messages` and `custom` do not), but the checkpoint always does.
    return end_at(await graph.aget_state(config), cpu_s=cpu_s)


async def _claim(
    run: Run, work: _Execution, claims: ThreadClaims, graph: RunnableGraph, config: RunnableConfig
) -> None:
    """Lock the thread for this run, and claim where it goes on; raises `AnsweredAlready`, or `NotContinuable`."""
    lock = await _lock(run, work, claims)
    try:
        state = await graph.aget_state(config)
    except (TypeError, LookupError, AttributeError) as error:
        # No node has run yet, so that it is no fault of one: a part of the state is missing, or is of another type.
        raise damaged_state(error) from error
    if state.created_at is not None:
        continue_after(str(state.config["configurable"].get("checkpoint_id")))
        await claims.claim(lock, Move.of(run), state)
    elif needs_checkpoint(run.request):
        raise NotContinuable(
            "The thread that this run should go on with is no longer there, so nothing was run.",
            advice="Run it again from its start.",
        )


async def _lock_new_thread(run: Run, work: _Execution, claims: ThreadClaims) -> None:
    """Lock a thread that no other run knows yet: another tab or server may go on from it before this run has ended.

    Where its database does not answer, the run goes on without.
    """
    with suppress(Exception):
        async with asyncio.timeout(RELEASE_TIMEOUT_S):
            await _lock(run, work, claims)


async def _lock(run: Run, work: _Execution, claims: ThreadClaims) -> Lock:
    work.claims = claims
    work.lock = lock = await claims.lock(run.thread_id, Move.of(run), on_watch=partial(_tell_watch, run))
    work.renewal = asyncio.create_task(claims.renew(lock))
    return lock


def _tell_watch(run: Run, watched_s: float) -> None:
    run.append(
        Notice(
            text="Another run has this thread, and its server seems to be gone. This one starts if it stays silent for "
            f"{watched_s:.0f} seconds."
        )
    )


async def _follow_to_the_end(run: Run, work: _Execution, start: GraphStart, stops_first: StopsFirst) -> None:
    """Log the stream of the graph, and of its restarts after broken answers."""
    assert work.graph is not None
    assert work.config is not None
    try:
        for attempt in count(2):
            try:
                await _follow(run, work.graph, start, stops_first)
                break
            except GraphDrained:
                raise
            except Exception as error:  # noqa: BLE001 - raised again unless the graph restarts
                await _restart(run, work.graph, work.config, attempt, error)
                start = replace(start, input=None, config=work.config)
    finally:
        work.streamed_s = run.age_s


async def _follow(run: Run, graph: RunnableGraph, start: GraphStart, stops_first: StopsFirst) -> None:
    """Run the graph by the API of the request, and log what it sends."""
    api = run.request.api
    if api == "stream modes":
        await _stream_modes(run, graph, start, stops_first)
    elif api == "invoke":
        await _invoke(run, graph, start)
    else:
        await follow_api(graph, api, start.input, start.config, start.options, append=partial(_log, run))


async def _restart(run: Run, graph: RunnableGraph, config: RunnableConfig, attempt: int, error: Exception) -> None:
    """Pause before the graph continues from its last checkpoint after a broken answer.

    Raises the error if the policy does not restart, if no answer had started, or after the last attempt.
    """
    retry_policy = run.request.retry_policy
    broken = next((link for link in error_chain(error) if isinstance(link, BrokenStream | TooSlow)), None)
    answer_started = isinstance(broken, BrokenStream) or (broken is not None and broken.answer_started)
    if not retry_policy.restart or not answer_started or attempt > retry_policy.max_attempts:
        raise error
    dropped = tuple(message for message, _ in unfinished_messages(run.events, await graph.aget_state(config)))
    pause_s = retry_policy.backoff_s(attempt)
    run.append(
        Attempt(number=attempt, of=retry_policy.max_attempts, reason=ANSWER_BROKE_OFF, pause_s=pause_s, dropped=dropped)
    )
    await asyncio.sleep(pause_s)


async def _stream_modes(run: Run, graph: RunnableGraph, start: GraphStart, stops_first: StopsFirst) -> None:
    request, decoder = run.request, StreamPartDecoder()
    # LangGraph's own type for modes lacks `tools`.
    modes: list[Any] = list(request.modes)
    parts: Any = graph.astream(
        start.input,
        start.config,
        stream_mode=modes,
        subgraphs=request.subgraphs,
        version="v2",
        **start.options,
    )
    # Closed here: an error of the log leaves the loop, and the graph must not stream on, here or elsewhere.
    async with aclosing(cast(AsyncGenerator[Any, None], parts)) as stream:
        async for part in stream:
            if part["type"] == STARTED:
                run.append(_started(run, start))
            else:
                _log(run, *await decoder.decode(part))
            if stops_first.pending:
                await stops_first.pass_by()


def _started(run: Run, start: GraphStart) -> Started:
    return Started(thread_id=run.thread_id, checkpoint_id=start.checkpoint_id, first_step=start.first_step)


async def _invoke(run: Run, graph: RunnableGraph, start: GraphStart) -> None:
    """Log the whole state at the end, and nothing before it."""
    state = await graph.ainvoke(start.input, start.config, **start.options)
    _log(run, *await StreamPartDecoder().decode({"type": "values", "ns": (), "data": state}))


def _log(run: Run, event: ModeEvent | ApiEvent, size: int) -> None:
    limits = run.request.limits
    if limits.bytes is not None and run.bytes + size > limits.bytes:
        # This part is not logged: it alone may exceed the limit.
        raise _too_much(f"streamed more than {limits.bytes:,} bytes", "run_bytes")
    run.append(event, size=size)
    if limits.events is not None and run.length > limits.events:
        raise _too_much(f"sent more than {limits.events:,} events", "run_events")


def _too_much(what: str, setting: str) -> LimitReached:
    return LimitReached(
        f"The run {what}.",
        advice="What had arrived by then is kept. Choose fewer stream modes, or a shorter answer. The server's setting "
        f"`{setting}` sets the number.",
    )


async def _open_model(run: Run, resources: Resources, api_key: str | None) -> Any:
    request, spec = run.request, run.request.model
    if spec.provider == "own":
        return ScriptedChatModel()  # the graph does not look at it
    if spec.provider == "local" and resources.embedded.state != "ready":
        run.append(Notice(text="The embedded model is loading; the wait counts in the time to the first token."))
    policy = CallPolicy(
        limits=request.limits,
        retry_policy=request.retry_policy,
        fallback_model=request.fallback_model,
        partial_answers=request.resume.partial_answers if request.resume else {},
        on_event=run.append,
        stops_first=resources.stops_first,
    )
    model = await open_model(
        spec, api_key=api_key, policy=policy, embedded=resources.embedded, clients=resources.clients
    )
    if (reason := cannot_stream(model)) is not None:
        run.append(Fallback(reason=reason))
    return model


async def _cancel_when_unfollowed(run: Run, task: asyncio.Task[Any]) -> None:
    """Cancel the run when it has had no follower for its grace time: its tab is closed, and it may cost money."""
    grace_s = run.request.limits.grace_s
    if grace_s is None:
        return
    # A sleep, not an event: the end of the wait is a time, and each follower resets it.
    while (unfollowed_s := run.unfollowed_s) < grace_s:  # noqa: ASYNC110
        await asyncio.sleep(max(grace_s - unfollowed_s, 0.01))
    task.cancel()
