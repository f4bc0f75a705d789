"""The run queue: order of arrival, limits, and no run lost."""

import asyncio
import gc
import random
import time
from collections.abc import Iterator
from contextlib import closing
from weakref import WeakSet

import pytest

from graphs import GRAPHS
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.queue_stats import QueueStats
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime import run_queue
from streaming.runtime.admission import Admission
from streaming.runtime.engine import Engine
from streaming.runtime.loop_lag import LoopLag
from streaming.runtime.registry import RegistryLimits
from streaming.runtime.run_queue import ALWAYS_ADMITTED, PAUSE_S, FairQueue
from tests.support.graphs import QUICK, finish


def start(engine: Engine, *, owner: str, model: ModelSpec, prompt: str = "Hello") -> Run:
    graph = GRAPHS["chat"]
    return engine.start(
        RunRequest(
            graph=graph,
            model=model,
            modes=("messages",),
            prompt=prompt,
            labels={"owner": owner},
            # The test follows one run after the other: the rest must not be taken for abandoned.
            limits=Limits(grace_s=None),
        )
    )


async def test_waiters_behind_a_cancelled_one_get_their_new_position() -> None:
    queue, positions = FairQueue(max_concurrent=1), {name: list[int]() for name in "abcd"}

    async def visit(name: str) -> None:
        async with queue.slot(name, on_position=positions[name].append):
            await asyncio.sleep(60)

    visits = {name: asyncio.create_task(visit(name)) for name in "abcd"}
    await asyncio.sleep(0)
    visits["c"].cancel()
    await asyncio.wait([visits["c"]])
    assert positions == {"a": [], "b": [0], "c": [1], "d": [2, 1]}
    for one in visits.values():
        one.cancel()
    await asyncio.wait(visits.values())


@pytest.fixture
def crowded() -> Iterator[Engine]:
    """An engine with fewer slots than runs; it keeps one ended run for each owner."""
    queue = FairQueue(max_concurrent=24, max_per_session=6)
    with closing(Engine(registry_limits=RegistryLimits(runs_per_owner=1), admission=Admission(queue=queue))) as engine:
        yield engine


def test_two_hundred_runs_at_once_lose_nothing(crowded: Engine) -> None:
    runs = [start(crowded, owner=str(number % 40), model=QUICK, prompt=f"Number {number}") for number in range(200)]
    assert {finish(run).status for run in runs} == {"Completed"}
    for number, run in enumerate(runs):
        (message,) = apply_all(Messages(), run.events).answers()
        assert message.text.startswith(f"*Number {number}*:")
        assert message.text.endswith("let them stop it.")


def test_ended_runs_hold_no_memory(crowded: Engine) -> None:
    brief = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, tokens=3))
    alive: WeakSet[Run] = WeakSet()
    for _ in range(2):
        runs = [start(crowded, owner=str(number % 40), model=brief) for number in range(100)]
        alive.update(runs)
        while runs:
            finish(runs.pop())
    finish(start(crowded, owner="last", model=brief))
    gc.collect()
    assert len(alive) <= 41, "one run for each owner"
    assert crowded.queue_stats == QueueStats(running=0, waiting=0)


async def test_slots_are_never_overbooked_and_all_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_queue, "ALWAYS_ADMITTED", 5)
    queue, inside, highest = FairQueue(max_concurrent=5, max_per_session=2), 0, 0
    by_owner: dict[str, int] = {}
    rng = random.Random(1)

    async def one(owner: str) -> None:
        nonlocal inside, highest
        async with queue.slot(owner, on_position=lambda ahead: None):
            inside += 1
            by_owner[owner] = by_owner.get(owner, 0) + 1
            highest = max(highest, inside)
            assert by_owner[owner] <= 2
            await asyncio.sleep(rng.random() / 200)
            inside -= 1
            by_owner[owner] -= 1

    tasks = [asyncio.create_task(one(str(number % 7))) for number in range(120)]
    for task in tasks[::9]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert highest == 5
    assert queue.stats == QueueStats(running=0, waiting=0)


def test_the_limits_check_themselves() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        FairQueue(max_concurrent=0)


@pytest.mark.parametrize("sign", ["worst_s", "load"])
async def test_further_runs_wait_while_the_loop_is_late_or_has_no_time(
    monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    late = [1.0]
    for name in ("worst_s", "load"):
        monkeypatch.setattr(LoopLag, name, property(lambda _, name=name: late[0] if name == sign else 0.0))
    queue = FairQueue(max_concurrent=20)
    positions: list[int] = []
    release = asyncio.Event()

    async def run() -> None:
        async with queue.slot(None, on_position=positions.append):
            await release.wait()

    runs = [asyncio.create_task(run()) for _ in range(ALWAYS_ADMITTED + 2)]
    while len(positions) < 2:
        await asyncio.sleep(0)
    await asyncio.sleep(2 * PAUSE_S)
    assert queue.stats == QueueStats(running=ALWAYS_ADMITTED, waiting=2)
    late[0] = 0.0
    async with asyncio.timeout(10):
        while queue.stats.waiting:
            await asyncio.sleep(0.01)
    assert queue.stats.running == ALWAYS_ADMITTED + 2
    release.set()
    await asyncio.gather(*runs)


async def test_the_lag_is_measured_while_there_are_runs() -> None:
    running = True
    lag = LoopLag(lambda: running)
    lag.watch()
    await asyncio.sleep(0.01)
    time.sleep(0.12)  # what a loop must not do
    async with asyncio.timeout(10):
        while lag.worst_s < 0.05:
            await asyncio.sleep(0.01)
    running = False


async def compute(share: float) -> None:
    """Keep the loop computing for this share of the time, in pieces of 20 ms."""
    begun = time.thread_time()
    while time.thread_time() - begun < 0.02:
        pass
    await asyncio.sleep(0.02 / share - 0.02)


async def test_the_load_is_the_share_of_the_time_in_which_the_loop_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.runtime.loop_lag.time.sleep", lambda _: None)
    running = True
    lag = LoopLag(lambda: running)
    lag.watch()
    async with asyncio.timeout(20):
        while lag.load < 0.2:
            await compute(0.9)
        while lag.load > 0.1:
            await asyncio.sleep(0.01)
    running = False


@pytest.mark.parametrize("share", [0.9, 0.02])
async def test_a_loop_rests_for_other_threads_if_it_is_late_by_its_own_work(
    monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    rests: list[float] = []
    monkeypatch.setattr("streaming.runtime.loop_lag.time.sleep", rests.append)
    running = True
    lag = LoopLag(lambda: running)
    lag.watch()
    async with asyncio.timeout(20):
        while not (rests or (lag.worst_s and share < 0.1)):
            await compute(share)
    running = False
    assert all(0 < rest < 0.02 for rest in rests)
    assert bool(rests) == (share > 0.1)
