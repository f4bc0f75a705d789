"""Latencies of the token benchmark count from the time zero of the run's log."""

from datetime import timedelta

import pytest

from bench.tokens import _result
from streaming.core.request import RunRequest
from streaming.core.run import Run
from tests.support.events import token
from tests.support.graphs import QUICK, Source


def test_latency_starts_from_the_time_zero_of_the_entries_and_not_from_the_creation_of_the_run() -> None:
    now = [100.0]
    request = RunRequest(graph=Source(builder=lambda *_: None, given={}), model=QUICK, modes=("messages",), prompt="p")
    run = Run(request, thread_id="t", clock=lambda: now[0])
    run.begin()
    run.created_at = run.zero_at - timedelta(seconds=3)
    for number, t in enumerate((1.0, 1.5)):
        now[0] = 100.0 + t
        run.append(token(f"w{number:04d}"))
    zero_ms = run.zero_at.timestamp() * 1000
    result = _result(run, [(0, zero_ms + 1007.0), (1, zero_ms + 1509.0)], 200)
    assert result.p50_ms == pytest.approx(8.0, abs=0.01)
    assert result.behind_ms == pytest.approx(9.0, abs=0.01)
    assert result.bytes_a_token == 100
