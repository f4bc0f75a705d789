"""What a run waits for before it starts, and what its log says meanwhile."""

from contextlib import closing

import pytest

from graphs import GRAPHS
from streaming.core.events import Notice, Token
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.queue_stats import QueueStats
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.runtime.admission import Admission
from streaming.runtime.engine import Engine
from streaming.runtime.rate_limit import RateLimiter
from streaming.runtime.run_queue import FairQueue
from tests.support.graphs import finish, one_node, speak
from tests.support.graphs import start as start_graph

SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=150, tokens_per_s=2000))
SILENT = ModelSpec(provider="scripted", pace=Pace(ttft_ms=60_000))


def start(engine: Engine, *, owner: str | None = None, model: ModelSpec = SLOW) -> Run:
    labels = {"owner": owner} if owner else {}
    return engine.start(
        RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello", labels=labels)
    )


def notices(run: Run) -> list[str]:
    return [entry.event.text for entry in run.events if isinstance(entry.event, Notice)]


def test_a_waiting_run_reports_its_position_until_it_starts() -> None:
    with closing(Engine(admission=Admission(queue=FairQueue(max_concurrent=1)))) as engine:
        runs = [start(engine, owner=str(number)) for number in range(4)]
        assert [finish(run).status for run in runs] == ["Completed"] * 4
        assert notices(runs[0]) == []
        assert notices(runs[3])[-2:] == ["Server busy. 1 run is ahead of this one.", "Server busy. You are next."]
        ends = [run.zero_at.timestamp() + run.events[-1].t for run in runs]
        assert ends == sorted(ends), "first come, first served"


def test_a_waiting_run_can_be_stopped_and_leaves_the_queue() -> None:
    with closing(Engine(admission=Admission(queue=FairQueue(max_concurrent=1)))) as engine:
        first, second, third = (start(engine, owner=str(number)) for number in range(3))
        second.cancel()
        assert finish(second).status == "Cancelled"
        assert not [entry for entry in second.events if isinstance(entry.event, Token)]
        assert (finish(first).status, finish(third).status) == ("Completed", "Completed")


def test_a_session_at_its_limit_lets_others_pass() -> None:
    with closing(Engine(admission=Admission(queue=FairQueue(max_concurrent=10, max_per_session=1)))) as engine:
        many = [start(engine, owner="many") for _ in range(4)]
        one = start(engine, owner="one")
        finish(one)
        assert notices(one) == [], "it had a slot immediately"
        assert many[-1].ended is None
        assert [finish(run).status for run in many] == ["Completed"] * 4


def test_runs_without_an_owner_do_not_share_the_limit_of_a_session() -> None:
    with closing(Engine(admission=Admission(queue=FairQueue(max_concurrent=10, max_per_session=1)))) as engine:
        runs = [start(engine, model=SILENT) for _ in range(4)]
        while sum(run.started is not None for run in runs) < 4:
            assert not any(map(notices, runs))
        assert engine.queue_stats == QueueStats(running=4, waiting=0)


@pytest.mark.parametrize(("owner", "limit", "waits"), [("me", 1, True), ("", 1, False), ("me", None, False)])
def test_a_run_waits_for_the_rate_limit_before_its_time_begins(owner: str, limit: int | None, waits: bool) -> None:
    with closing(Engine(admission=Admission(rate_limiter=RateLimiter(window_s=3)))) as engine:
        limits = Limits(runs_per_minute=limit)
        runs = [start_graph(engine, one_node(speak), {}, limits=limits, labels={"owner": owner}) for _ in range(2)]
        assert [finish(run).status for run in runs] == ["Completed"] * 2
        assert notices(runs[0]) == []
        assert bool(notices(runs[1])) == waits
        if waits:
            waiting = next(entry.event for entry in runs[1].events if isinstance(entry.event, Notice))
            assert waiting.text.startswith("1 run a minute is the limit for ")
            assert waiting.wait_s is not None
            kinds = [entry.event.kind for entry in runs[1].events]
            assert kinds.index("notice") < kinds.index("started"), "no latency figure counts the wait"


def test_a_run_that_is_stopped_while_it_waits_for_the_rate_limit_has_no_answer() -> None:
    with closing(Engine(admission=Admission(rate_limiter=RateLimiter(window_s=60)))) as engine:
        limits = Limits(runs_per_minute=1)
        first, second = (
            start_graph(engine, one_node(speak), {}, limits=limits, labels={"owner": "me"}) for _ in range(2)
        )
        finish(first)
        second.drain()
        assert second.draining
        second.cancel()
        finish(second)
        assert second.ended is not None
        assert second.ended.reason == "Stopped before it began."
        assert not second.draining
