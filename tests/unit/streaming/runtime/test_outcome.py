"""How a run ended, and where its thread is then."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from langgraph.types import interrupt

from streaming.core.events import Ended, TaskEnded, TaskStarted, Token
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.node_spans import NodeSpans
from streaming.runtime import executor
from streaming.runtime.engine import Engine
from streaming.runtime.outcome import shielded, with_running_nodes, with_thread_position
from tests.support.graphs import SLOW, State, events_of, finish, one_node, parallel, speak, start


def test_the_siblings_of_a_failed_node_are_cut_and_the_reason_is_kept(engine: Engine) -> None:
    async def fails(state: State) -> State:
        raise ValueError("boom")

    async def waits(state: State) -> State:
        await asyncio.Event().wait()
        return {}

    run = finish(start(engine, parallel(fails, waits), {}))
    assert run.status == "Failed"
    assert run.ended is not None
    assert run.ended.reason == "A node raised ValueError: boom"
    states = {span.node: span.state for span in apply_all(NodeSpans(), run.events).spans.values()}
    assert states == {"fails": "failed", "waits": "cut"}
    assert ["boom" in str(event.error) for event in events_of(run, TaskEnded)] == [True]


def test_a_process_that_ended_is_told_with_the_nodes_that_were_running(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.runtime.outcome.describe", lambda graph: SimpleNamespace(edges=()))

    async def waits(state: State) -> State:
        await asyncio.Event().wait()
        return {}

    async def waits_too(state: State) -> State:
        await asyncio.Event().wait()
        return {}

    run = start(engine, parallel(waits, waits_too), {})
    started = 0
    for batch in run.follow():
        started += sum(isinstance(entry.event, TaskStarted) for entry in batch)
        if started == 2:
            break
    end = Ended(outcome="failed", reason="It ended.")
    assert with_running_nodes(end, run).reason == "It ended. “waits”, “waits_too” were running."
    run.cancel()
    assert with_running_nodes(end, finish(run)).reason == "It ended."


def test_an_interrupt_ends_the_run_as_interrupted_in_every_mode(engine: Engine) -> None:
    def ask(model: Any) -> Any:
        async def only(state: State) -> State:
            return {"text": interrupt("sure?")}

        return only

    for modes in (("updates",), ("messages",), ("custom",)):
        assert finish(start(engine, one_node(ask), {}, modes=modes)).status == "Interrupted"  # type: ignore[arg-type]


def test_cancel_ends_the_run_quickly_and_keeps_the_text(engine: Engine) -> None:
    run = start(engine, one_node(speak), {}, model=SLOW)
    for batch in run.follow():
        if any(isinstance(entry.event, Token) and entry.event.text for entry in batch):
            run.cancel()
    assert run.status == "Cancelled"
    assert apply_all(Messages(), run.events).answers()[0].text
    run.cancel()
    assert run.status == "Cancelled", "a second Stop changes nothing"


def test_a_timeout_of_the_graphs_own_is_a_failure_and_not_ours(engine: Engine) -> None:
    def slow(model: Any) -> Any:
        async def only(state: State) -> State:
            raise TimeoutError

        return only

    assert finish(start(engine, one_node(slow), {})).status == "Failed"


async def test_cancelling_again_does_not_interrupt_what_records_the_end() -> None:
    looking, found = asyncio.Event(), asyncio.Event()

    async def look_up() -> str:
        looking.set()
        await found.wait()
        return "position"

    run = asyncio.create_task(shielded(look_up(), otherwise="lost"))
    await looking.wait()
    for _ in range(2):
        run.cancel()
        await asyncio.sleep(0)
    found.set()
    assert await run == "position"


async def test_work_that_is_cancelled_itself_does_not_keep_a_run_from_its_end() -> None:
    async def cancelled() -> str:
        raise asyncio.CancelledError

    assert await shielded(cancelled(), otherwise="without a position") == "without a position"


def test_a_second_stop_during_the_look_up_keeps_position_and_cut_text(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped_again(end: Any, run: Any, graph: Any, config: Any) -> Any:
        task.append(next(task for task in asyncio.all_tasks() if "execute_run" in str(task.get_coro())))
        task[0].cancel()
        await asyncio.sleep(0)
        return await with_thread_position(end, run, graph, config)

    task: list[asyncio.Task[Any]] = []
    monkeypatch.setattr(executor, "with_thread_position", stopped_again)
    run = start(engine, one_node(speak), {}, model=SLOW)
    for batch in run.follow():
        if any(isinstance(entry.event, Token) and entry.event.text for entry in batch):
            run.cancel()
            run.cancel()
    assert task
    assert run.ended is not None
    assert (run.status, run.ended.next) == ("Cancelled", ("only",))
    assert run.ended.checkpoint_id
    assert run.ended.cut
