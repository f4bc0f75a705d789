"""Sequences: runs that are created when their turn comes, and measured one at a time."""

import gc
from collections.abc import Iterator
from weakref import WeakSet

import pytest

from graphs import GRAPHS
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.runtime.engine import Engine
from streaming.runtime.registry import RegistryLimits

BRIEF = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000, tokens=3))
ENDLESS = ModelSpec(provider="scripted", pace=Pace(ttft_ms=60_000))


@pytest.fixture
def created() -> WeakSet[Run]:
    return WeakSet()


@pytest.fixture
def engine(created: WeakSet[Run]) -> Iterator[Engine]:
    engine = Engine(registry_limits=RegistryLimits(runs_per_owner=3), on_start=created.add)
    yield engine
    engine.close()


def request(model: ModelSpec = BRIEF, owner: str = "me") -> RunRequest:
    return RunRequest(
        graph=GRAPHS["chat"],
        model=model,
        modes=("messages",),
        prompt="Hello",
        limits=Limits(runs_per_minute=None),
        labels={"owner": owner},
    )


def test_a_sequence_measures_every_run_in_order_and_retains_none(engine: Engine, created: WeakSet[Run]) -> None:
    running: list[int] = []

    def measure(position: int, run: Run) -> tuple[int, str]:
        running.append(sum(one.ended is None for one in list(created)))
        return position, run.status

    sequence = engine.start_sequence([request() for _ in range(12)], measure=measure)
    for _ in sequence.follow(tick_s=0.01):
        pass
    assert sequence.results == [(position, "Completed") for position in range(12)]
    assert running == [0] * 12, "the next run does not exist yet"
    gc.collect()
    assert len(created) <= 4


def test_a_long_sequence_leaves_the_runs_of_other_sessions_alone(engine: Engine) -> None:
    others = [engine.start(request(owner=f"other-{number}")) for number in range(5)]
    for run in others:
        for _ in run.follow():
            pass
    sequence = engine.start_sequence([request() for _ in range(10)], measure=lambda position, run: None)
    for _ in sequence.follow(tick_s=0.01):
        pass
    assert [engine.get(run.id) for run in others] == others


def test_cancelling_ends_the_run_at_work_and_starts_no_further_one(engine: Engine, created: WeakSet[Run]) -> None:
    sequence = engine.start_sequence([request(ENDLESS) for _ in range(3)], measure=lambda position, run: run.status)
    for _ in sequence.follow(tick_s=0.01):
        if len(created) == 1:
            sequence.cancel()
    assert sequence.ended
    assert sequence.results == ["Cancelled"]


def test_a_cancelled_run_ends_its_sequence(engine: Engine, created: WeakSet[Run]) -> None:
    sequence = engine.start_sequence([request(ENDLESS) for _ in range(3)], measure=lambda position, run: run.status)
    for _ in sequence.follow(tick_s=0.01):
        for run in list(created):
            run.cancel()
    assert sequence.results == ["Cancelled"]


def test_a_follower_gets_ticks_while_a_run_is_silent(engine: Engine) -> None:
    sequence = engine.start_sequence([request(ENDLESS)], measure=lambda position, run: None)
    follower = sequence.follow(tick_s=0.01)
    assert [next(follower) for _ in range(5)] == [0] * 5
    sequence.cancel()
    for _ in follower:
        pass


def test_a_measure_that_fails_ends_the_sequence(engine: Engine) -> None:
    sequence = engine.start_sequence([request(), request()], measure=lambda position, run: 1 / 0)
    for _ in sequence.follow(tick_s=0.01):
        pass
    assert sequence.results == []
