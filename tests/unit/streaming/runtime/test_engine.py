"""The engine: runs on its loop, found by their ids, followed by many, closed together."""

import threading

from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.runtime.engine import Engine
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
