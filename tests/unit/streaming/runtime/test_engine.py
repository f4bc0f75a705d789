"""The engine: runs on its loop, found by their ids, followed by many, closed together."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from graphs import TECHNIQUES
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.projections.custom_spans import wall_s
from streaming.runtime.engine import Engine
from tests.support.graph_runs import (
    run_graph,
    thread_of,
)
from tests.support.graphs import QUICK, finish, one_node, speak, start


def test_a_late_follower_gets_the_same_events(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}))
    assert [entry for batch in run.follow() for entry in batch] == run.events
    assert [entry.seq for batch in run.follow(3) for entry in batch] == list(range(3, run.length))


def test_followers_at_the_same_time_all_see_everything(engine: Engine) -> None:
    run = start(
        engine,
        one_node(speak),
        {},
        model=ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens=300, tokens_per_s=2000)),
    )
    seen: list[list[int]] = []

    def look() -> None:
        seen.append([entry.seq for batch in run.follow(frame_s=0.01) for entry in batch])

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [list(range(run.length))] * 4


def test_runs_cannot_be_listed_and_their_ids_cannot_be_guessed(engine: Engine) -> None:
    runs = [finish(start(engine, one_node(speak), {})) for _ in range(2)]
    assert runs[0].id != runs[1].id
    assert all(len(run.id) >= 20 for run in runs)
    assert runs[0].thread_id != runs[1].thread_id
    assert engine.get(runs[0].id) is runs[0]
    assert engine.get("guess") is None
    assert engine.registry.turns(runs[0]) == [runs[0]]


def test_the_request_holds_no_secret(engine: Engine) -> None:
    run = engine.start(
        RunRequest(graph=start(engine, one_node(speak), {}).request.graph, model=QUICK, modes=("updates",), prompt="x"),
        api_key="sk-planted-secret",
    )
    finish(run)
    assert "planted" not in repr(run.request) + repr(run.events) + repr(vars(run))


def test_runs_in_turn_never_overlap_and_stop_together(engine: Engine) -> None:
    graph = TECHNIQUES["research"]
    request = RunRequest(graph=graph, model=QUICK, modes=("updates",), prompt="Skeletons")
    first, second = (finish(run) for run in engine.start_in_turn([request, request]))
    assert (first.status, second.status) == ("Completed", "Completed")
    assert second.created_at >= first.created_at
    long = RunRequest(
        graph=TECHNIQUES["agent"], model=QUICK, modes=("updates",), prompt="Build an index of 40 documents"
    )
    runs = engine.start_in_turn([long, long, long])
    runs[0].cancel()
    assert [finish(run).status for run in runs] == ["Cancelled"] * 3
    assert wall_s([]) is None


def test_a_branch_does_not_contain_the_turn_that_it_replaces(engine: Engine) -> None:
    first = run_graph(engine, "agent", "2 + 2")
    second = run_graph(engine, "agent", "3 + 3", thread_id=first.thread_id, previous_run_id=first.id)
    assert second.started is not None
    assert first.ended is not None
    assert second.started.checkpoint_id == first.ended.checkpoint_id
    other = run_graph(
        engine,
        "agent",
        "4 + 4",
        thread_id=first.thread_id,
        checkpoint_id=second.started.checkpoint_id,
        previous_run_id=first.id,
        replaces_run_id=second.id,
    )
    asked = [
        message["content"] for message in thread_of(engine, other).values["messages"] if message["type"] == "human"
    ]
    assert asked == ["2 + 2", "4 + 4"]
    assert engine.registry.versions(other) == [second, other] == engine.registry.versions(second)
    assert engine.registry.turns(other) == [first, other]
    assert engine.registry.newest_after(first) is other


def test_stopping_the_run_that_opens_the_checkpointer_does_not_cancel_the_opening(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opening, go_on = threading.Event(), threading.Event()
    opened: list[str | None] = []

    @asynccontextmanager
    async def slow_checkpointer(url: str | None) -> AsyncIterator[Any]:
        opened.append(url)
        opening.set()
        while not go_on.is_set():
            await asyncio.sleep(0.001)
        yield InMemorySaver()

    monkeypatch.setattr("streaming.runtime.engine.open_checkpointer", slow_checkpointer)
    with closing(Engine()) as engine:
        run = start(engine, one_node(speak), {})
        assert opening.wait(20)
        run.cancel()
        assert finish(run).status == "Cancelled"
        go_on.set()
        assert finish(start(engine, one_node(speak), {})).status == "Completed"
    assert opened == [None], "the second run uses what the first one has opened"
