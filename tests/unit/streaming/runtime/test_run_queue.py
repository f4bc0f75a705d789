"""Runs wait in order, a greedy session lets others pass, and none is ever lost."""

import asyncio
import gc
import random
from weakref import WeakSet

import pytest

from graphs import GRAPHS
from streaming.core.events import Notice, Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.queue_stats import QueueStats
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime.admission import Admission
from streaming.runtime.engine import Engine
from streaming.runtime.run_queue import FairQueue
from tests.support.graphs import QUICK, finish

SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=150, tokens_per_s=2000))


def start(lab: Engine, *, owner: str = "", model: ModelSpec = SLOW, prompt: str = "Hello") -> Run:
    graph = GRAPHS["chat"]
    return lab.start(RunRequest(graph=graph, model=model, modes=("messages",), prompt=prompt, labels={"owner": owner}))


def notices(run: Run) -> list[str]:
    return [entry.event.text for entry in run.events if isinstance(entry.event, Notice)]


def test_who_waits_is_told_how_many_are_before_him_until_it_is_his_turn() -> None:
    lab = Engine(admission=Admission(places=FairQueue(max_concurrent=1)))
    runs = [start(lab, owner=str(number)) for number in range(3)]
    assert [finish(run).status for run in runs] == ["Completed"] * 3
    assert notices(runs[0]) == []
    assert ["no run is" in text or "1 run is" in text for text in notices(runs[2])] == [True, True]
    ends = [run.created_at.timestamp() + run.events[-1].t for run in runs]
    assert ends == sorted(ends), "first come, first served"


def test_a_run_that_waits_can_be_stopped_and_leaves_the_queue() -> None:
    lab = Engine(admission=Admission(places=FairQueue(max_concurrent=1)))
    first, second, third = (start(lab, owner=str(number)) for number in range(3))
    second.cancel()
    assert finish(second).status == "Cancelled"
    assert not [entry for entry in second.events if isinstance(entry.event, Token)]
    assert (finish(first).status, finish(third).status) == ("Completed", "Completed")


async def test_those_behind_a_run_that_gave_up_are_told_that_they_moved_up() -> None:
    places, told = FairQueue(max_concurrent=1), {name: list[int]() for name in "abcd"}

    async def visit(name: str) -> None:
        async with places.slot(name, tell=told[name].append):
            await asyncio.sleep(60)

    visits = {name: asyncio.create_task(visit(name)) for name in "abcd"}
    await asyncio.sleep(0)
    visits["c"].cancel()
    await asyncio.wait([visits["c"]])
    assert told == {"a": [], "b": [0], "c": [1], "d": [2, 1]}
    for one in visits.values():
        one.cancel()
    await asyncio.wait(visits.values())


def test_a_greedy_session_lets_others_pass() -> None:
    lab = Engine(admission=Admission(places=FairQueue(max_concurrent=10, max_per_session=1)))
    greedy = [start(lab, owner="greedy") for _ in range(4)]
    modest = start(lab, owner="modest")
    finish(modest)
    assert notices(modest) == [], "there was a place for it at once"
    assert greedy[-1].ended is None
    assert [finish(run).status for run in greedy] == ["Completed"] * 4


def test_two_hundred_runs_at_once_lose_nothing() -> None:
    lab = Engine(max_runs=500, admission=Admission(places=FairQueue(max_concurrent=24, max_per_session=6)))
    runs = [start(lab, owner=str(number % 40), model=QUICK, prompt=f"Number {number}") for number in range(200)]
    assert {finish(run).status for run in runs} == {"Completed"}
    for number, run in enumerate(runs):
        (message,) = apply_all(Messages(), run.events).spoken()
        assert message.text.startswith(f"You asked about *Number {number}*")
        assert message.text.endswith("let them stop it.")


def test_runs_that_are_over_leave_nothing_behind() -> None:
    lab = Engine(max_runs=20, admission=Admission(places=FairQueue(max_concurrent=24, max_per_session=6)))
    brief = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, tokens=3))
    alive: WeakSet[Run] = WeakSet()
    for _ in range(2):
        runs = [start(lab, owner=str(number % 40), model=brief) for number in range(200)]
        alive.update(runs)
        while runs:
            finish(runs.pop())
    finish(start(lab, model=brief))
    gc.collect()
    assert len(alive) <= 20
    assert lab.queue_stats == QueueStats(running=0, waiting=0)


async def test_places_are_never_overfull_and_all_are_given_back() -> None:
    places, inside, most = FairQueue(max_concurrent=5, max_per_session=2), 0, 0
    by_owner: dict[str, int] = {}
    chance = random.Random(1)

    async def one(owner: str) -> None:
        nonlocal inside, most
        async with places.slot(owner, tell=lambda before: None):
            inside += 1
            by_owner[owner] = by_owner.get(owner, 0) + 1
            most = max(most, inside)
            assert by_owner[owner] <= 2
            await asyncio.sleep(chance.random() / 200)
            inside -= 1
            by_owner[owner] -= 1

    tasks = [asyncio.create_task(one(str(number % 7))) for number in range(120)]
    for task in tasks[::9]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most == 5
    assert places._running.total() == 0
    assert places._queue == []


def test_places_check_themselves() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FairQueue(max_concurrent=0)
