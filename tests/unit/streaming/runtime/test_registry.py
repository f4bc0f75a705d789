"""Which runs an engine can find again, and which ones it evicts."""

import asyncio
from contextlib import closing
from datetime import timedelta

import pytest

from graphs import GRAPHS
from streaming.core.events import Ended, Notice, Outcome
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.runtime.engine import Engine
from streaming.runtime.registry import RUNS_PER_OWNER, RegistryLimits, RunRegistry
from tests.support.graphs import finish, one_node, speak, start


class Times:
    """A clock that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Times()


@pytest.fixture(autouse=True)
def _reset_clock() -> None:
    CLOCK.now = 0.0


def new_run(owner: str | None = None, *, thread: str = "", **fields: str) -> Run:
    labels = {"owner": owner} if owner else {}
    model = ModelSpec(provider="scripted")
    request = RunRequest(
        graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello", labels=labels, **fields
    )  # type: ignore[arg-type]
    run = Run(request, thread_id=thread, clock=CLOCK)
    run.thread_id = thread or run.id
    return run


def ended_run(owner: str | None = None, *, size: int = 10, outcome: Outcome = "completed", **fields: str) -> Run:
    run = new_run(owner, **fields)
    run.append(Notice(text=""), size=size)
    run.append(Ended(outcome=outcome))
    return run


def added(registry: RunRegistry, *runs: Run) -> list[str]:
    return [thread for run in runs for thread in registry.add(run)]


def found(registry: RunRegistry, *runs: Run) -> list[bool]:
    return [registry.get(run.id) is run for run in runs]


def test_a_session_with_many_runs_evicts_only_its_own() -> None:
    registry = RunRegistry()
    others = [ended_run(f"owner-{number}") for number in range(20)]
    threads = added(registry, *others)
    busy = [ended_run("busy") for _ in range(RUNS_PER_OWNER + 4)]
    threads += added(registry, *busy)
    assert found(registry, *others) == [True] * 20
    assert found(registry, *busy[:5]) == [False] * 4 + [True]
    assert threads == [run.thread_id for run in busy[:4]]


def test_runs_without_an_owner_are_a_group_of_their_own() -> None:
    registry = RunRegistry(RegistryLimits(runs_per_owner=2))
    mine, ownerless = ended_run("me"), [ended_run() for _ in range(3)]
    added(registry, mine, *ownerless)
    assert found(registry, mine, *ownerless) == [True, False, True, True]


def test_the_bytes_of_one_owner_are_bounded_and_the_newest_run_stays() -> None:
    registry = RunRegistry(RegistryLimits(bytes_per_owner=100))
    runs = [ended_run("me", size=40) for _ in range(4)]
    added(registry, *runs)
    assert found(registry, *runs) == [False, False, True, True]
    huge = ended_run("me", size=1000)
    added(registry, huge)
    assert found(registry, *runs, huge) == [False, False, False, False, True]


def test_the_bytes_of_all_are_bounded_at_the_cost_of_the_largest_owner() -> None:
    registry = RunRegistry(RegistryLimits(bytes=100))
    small, large = [ended_run("small", size=10) for _ in range(2)], [ended_run("large", size=30) for _ in range(3)]
    added(registry, *small, *large)
    assert found(registry, *small) == [True, True]
    assert found(registry, *large) == [False, True, True]
    assert sum(run.bytes for run in registry.runs()) <= 100


def test_unfinished_and_followed_runs_are_never_evicted() -> None:
    registry = RunRegistry(RegistryLimits(runs_per_owner=1, bytes=1, bytes_per_owner=1, age_s=1))
    unfinished, followed, newest = new_run("me"), ended_run("me"), ended_run("me")
    follower = followed.follow(0)
    next(follower)
    CLOCK.now = 100.0
    added(registry, unfinished, followed)
    assert found(registry, unfinished, followed) == [True, True]
    follower.close()
    added(registry, newest)
    assert found(registry, unfinished, followed, newest) == [True, False, False]


def test_a_thread_is_free_when_its_last_run_has_gone_unless_it_waits_for_an_answer() -> None:
    registry = RunRegistry(RegistryLimits(runs_per_owner=1))
    runs = [ended_run("me", thread="a"), ended_run("me", thread="a")]
    waiting = [ended_run("me", thread="b"), ended_run("me", thread="b", outcome="interrupted")]
    assert added(registry, *runs, *waiting, ended_run("me", thread="c")) == ["a"]


def test_a_conversation_is_found_by_its_links() -> None:
    registry = RunRegistry()
    first = ended_run()
    second = ended_run(previous_run_id=first.id)
    other = ended_run(previous_run_id=first.id, replaces_run_id=second.id)
    added(registry, first, second, other)
    assert registry.turns(other) == [first, other]
    assert registry.versions(other) == registry.versions(second) == [second, other]
    assert registry.newest_after(first) is other
    assert registry.newest_after(other) is other


def test_limits_check_themselves() -> None:
    with pytest.raises(ValueError, match="runs_per_owner"):
        RegistryLimits(runs_per_owner=0)


def test_an_engine_deletes_the_threads_of_evicted_runs_only() -> None:
    with closing(Engine(registry_limits=RegistryLimits(runs_per_owner=2))) as engine:
        other = finish(start(engine, one_node(speak), {}, labels={"owner": "other"}))
        runs = [finish(start(engine, one_node(speak), {}, labels={"owner": "me"})) for _ in range(4)]
        assert [engine.get(run.id) is not None for run in runs] == [False, False, True, True]
        graph = other.request.graph
        assert engine.thread(graph, runs[0].thread_id) is None
        assert engine.thread(graph, runs[3].thread_id) is not None
        assert engine.thread(graph, other.thread_id) is not None


async def test_old_runs_are_evicted_while_no_run_starts() -> None:
    with closing(Engine(registry_limits=RegistryLimits(age_s=0.01), evict_every_s=0.01)) as engine:
        run = finish(start(engine, one_node(speak), {}))
        while engine.get(run.id) is not None:
            await asyncio.sleep(0.01)


def test_the_newest_turn_and_version_stay_the_newest_when_the_clock_is_set_back() -> None:
    registry = RunRegistry()
    first = ended_run("me", thread="t")
    later = [ended_run("me", thread="t", previous_run_id=first.id) for _ in range(2)]
    versions = [first, *(ended_run("me", thread="t", replaces_run_id=first.id) for _ in range(2))]
    history = ended_run("me", thread="t", previous_run_id=first.id, replaces_run_id=first.id)
    history.stored, history.created_at = True, first.created_at + timedelta(seconds=1)
    for hours, run in enumerate((*versions, *later)):
        run.created_at = first.created_at - timedelta(hours=hours)
    added(registry, *versions, *later, history)
    assert registry.newest_after(first) is history, "it is of a later time by the clock that was set back"
    assert registry.versions(first) == [*versions, history]
    history.created_at = first.created_at - timedelta(days=1)
    assert registry.newest_after(first) is later[-1]
    assert registry.versions(first) == [history, *versions]
