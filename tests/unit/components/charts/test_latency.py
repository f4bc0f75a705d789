"""The latency charts show the wait as a part of the whole time."""

import pytest

from components.charts.latency import _bars, latency_table
from components.shell.session import PastRun
from streaming.core.events import Ended, Event, Started
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from tests.support.events import log, token


def past_run(*timed: tuple[float, Event]) -> PastRun:
    metrics = apply_all(MetricsCollector(), log(*timed)).metrics()
    return PastRun(
        run_id="r", number=1, graph="chat", model="m", modes="messages", outcome="Completed", metrics=metrics
    )


def test_phases_of_a_run_add_up_to_its_e2e_latency() -> None:
    run = past_run(
        (2.0, Started(thread_id="t")), (3.0, token("a")), (7.0, token("b")), (8.0, Ended(outcome="completed"))
    )
    phases = _bars(latency_table([run])).data
    assert dict(zip(phases["phase"], phases["seconds"], strict=True)) == {
        "waiting to start": 2.0,
        "until the first token": 1.0,
        "from first token to end": 5.0,
    }
    assert phases["seconds"].sum() == pytest.approx(8.0)
    assert phases["order"].is_monotonic_increasing
