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
from streaming.runtime.sequence import MAX_SEQUENCES, RunSequence
from tests.support.waiting import wait_until

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
    assert sequence.wait(30)
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
    assert sequence.wait(30)
    assert [engine.get(run.id) for run in others] == others


def test_cancelling_ends_the_run_at_work_and_starts_no_further_one(engine: Engine, created: WeakSet[Run]) -> None:
    sequence = engine.start_sequence([request(ENDLESS) for _ in range(3)], measure=lambda position, run: run.status)
    wait_until(lambda: len(created) == 1)
    sequence.cancel()
    assert sequence.wait(30)
    assert sequence.results == ["Cancelled"]


def test_a_cancelled_run_ends_its_sequence(engine: Engine, created: WeakSet[Run]) -> None:
    sequence = engine.start_sequence([request(ENDLESS) for _ in range(3)], measure=lambda position, run: run.status)
    wait_until(lambda: len(created) == 1)
    for run in list(created):
        run.cancel()
    assert sequence.wait(30)
    assert sequence.results == ["Cancelled"]


def test_the_newest_sequences_are_found_by_their_id(engine: Engine) -> None:
    sequence = engine.start_sequence([request()], measure=lambda position, run: None, subject="two lanes")
    assert sequence.remaining_s is None
    assert sequence.wait(30)
    assert sequence.remaining_s == 0
    assert engine.sequences.get(sequence.id) is sequence
    assert sequence.subject == "two lanes"
    for _ in range(MAX_SEQUENCES):
        engine.sequences.add(RunSequence([], lambda position, run: None))
    assert engine.sequences.get(sequence.id) is None


def test_a_look_begins_the_grace_time_again(engine: Engine) -> None:
    sequence = engine.start_sequence([request(ENDLESS)], measure=lambda position, run: run.status)
    wait_until(lambda: engine.queue_stats.running == 1)
    current = sequence._current
    assert current is not None
    current._unfollowed_since -= 100
    sequence.keep()
    assert current.unfollowed_s < 50
    sequence.cancel("A race was started.")
    sequence.cancel()
    assert sequence.cancel_reason == "A race was started."
    assert sequence.wait(30)


def test_a_measure_that_fails_ends_the_sequence(engine: Engine) -> None:
    sequence = engine.start_sequence([request(), request()], measure=lambda position, run: 1 / 0)
    assert sequence.wait(30)
    assert sequence.results == []
