"""How a run ended, and where its thread is then."""

import asyncio
from typing import Any

from langgraph.types import interrupt

from streaming.core.events import TaskEnded, Token
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.node_spans import NodeSpans
from streaming.runtime.engine import Engine
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
