"""So many requests a minute for a session on a provider: who has had his waits, and is told how long."""

import asyncio

import pytest

from streaming import Lab, Limits
from streaming.doors import Doors
from streaming.events import Notice
from streaming.rates import Rates
from tests.unit.streaming.graphs_for_tests import finish, start
from tests.unit.streaming.test_engine import one_node, speak


async def test_the_third_of_two_waits_for_the_window_and_is_told() -> None:
    rates, told = Rates(window_s=1), []
    for _ in range(3):
        await rates.wait("me", "openai", most=2, tell=told.append)
    assert told
    assert all(0 < left <= 1.01 for left in told)


async def test_others_do_not_wait() -> None:
    rates, told = Rates(window_s=60), []
    for key in (("me", "openai"), ("me", "groq"), ("you", "openai")):
        await rates.wait(*key, most=1, tell=told.append)
    assert told == []


async def test_a_waiting_request_can_be_given_up() -> None:
    rates = Rates(window_s=60)
    await rates.wait("me", most=1, tell=lambda left: None)
    waiting = asyncio.create_task(rates.wait("me", most=1, tell=lambda left: None))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize(("owner", "most", "waits"), [("me", 1, True), ("", 1, False), ("me", None, False)])
def test_a_run_waits_before_its_time_begins(owner: str, most: int | None, waits: bool) -> None:
    lab = Lab(doors=Doors(rates=Rates(window_s=1)))
    limits = Limits(requests_per_minute=most)
    runs = [start(lab, one_node(speak), {}, limits=limits, labels={"owner": owner}) for _ in range(2)]
    assert [finish(run).status for run in runs] == ["Completed"] * 2
    told = [[s.event for s in run.events if isinstance(s.event, Notice) and s.event.wait_s] for run in runs]
    assert told[0] == []
    assert bool(told[1]) == waits
    if waits:
        assert "1 requests a minute" in told[1][0].text
        started = runs[1].started
        assert started is not None
        kinds = [stamped.event.kind for stamped in runs[1].events]
        assert kinds.index("notice") < kinds.index("started"), "no latency figure counts the wait"
