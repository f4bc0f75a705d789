"""So many requests a minute for a session on a provider: who has had his waits, and is told how long."""

import asyncio
import time

import pytest

from streaming.core.events import Notice
from streaming.core.limits import Limits
from streaming.runtime.admission import Admission
from streaming.runtime.engine import Engine
from streaming.runtime.rate_limit import ExpiringMemoryStorage, RateLimiter
from tests.support.graphs import finish, start
from tests.unit.streaming.runtime.test_engine import one_node, speak


async def test_the_third_of_two_waits_for_the_window_and_is_told() -> None:
    rates, told = RateLimiter(window_s=1), []
    for _ in range(3):
        await rates.wait("me", "openai", most=2, tell=told.append)
    assert told
    assert all(0 < left <= 1.01 for left in told)


async def test_others_do_not_wait() -> None:
    rates, told = RateLimiter(window_s=60), []
    for key in (("me", "openai"), ("me", "groq"), ("you", "openai")):
        await rates.wait(*key, most=1, tell=told.append)
    assert told == []


async def test_a_waiting_request_can_be_given_up() -> None:
    rates = RateLimiter(window_s=60)
    await rates.wait("me", most=1, tell=lambda left: None)
    waiting = asyncio.create_task(rates.wait("me", most=1, tell=lambda left: None))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def served(order: str) -> str:
    """The order in which these are served, one a second; the last comes when the first two have been."""
    rates, done = RateLimiter(window_s=1), []

    async def one(name: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await rates.wait("me", most=1, tell=lambda left: None)
        done.append(name)

    *early, late = order
    await asyncio.gather(*(one(name, place / 100) for place, name in enumerate(early)), one(late, 1.2))
    return "".join(done)


async def test_who_comes_while_others_wait_is_served_after_them() -> None:
    # Several, because whoever takes a turn out of order does so by luck.
    assert await asyncio.gather(*(served("ABCDE") for _ in range(8))) == ["ABCDE"] * 8


async def test_nothing_is_left_of_waits_that_were_given_up() -> None:
    rates = RateLimiter(window_s=60)
    waits = [asyncio.create_task(rates.wait(str(n // 2), most=1, tell=lambda left: None)) for n in range(20)]
    await asyncio.sleep(0.01)
    for wait in waits:
        wait.cancel()
    await asyncio.gather(*waits, return_exceptions=True)
    assert not rates._turns


def test_windows_that_are_over_are_forgotten() -> None:
    windows = ExpiringMemoryStorage()
    for number in range(100):
        windows.acquire_entry(str(number), limit=1, expiry=1)
    assert not windows.acquire_entry("99", limit=1, expiry=1)
    time.sleep(1.1)
    assert windows.acquire_entry("99", limit=1, expiry=1)
    assert list(windows.events) == ["99"]


@pytest.mark.parametrize(("owner", "most", "waits"), [("me", 1, True), ("", 1, False), ("me", None, False)])
def test_a_run_waits_before_its_time_begins(owner: str, most: int | None, waits: bool) -> None:
    lab = Engine(admission=Admission(rates=RateLimiter(window_s=1)))
    limits = Limits(runs_per_minute=most)
    runs = [start(lab, one_node(speak), {}, limits=limits, labels={"owner": owner}) for _ in range(2)]
    assert [finish(run).status for run in runs] == ["Completed"] * 2
    told = [[s.event for s in run.events if isinstance(s.event, Notice) and s.event.wait_s] for run in runs]
    assert told[0] == []
    assert bool(told[1]) == waits
    if waits:
        assert "1 requests a minute" in told[1][0].text
        started = runs[1].started
        assert started is not None
        kinds = [entry.event.kind for entry in runs[1].events]
        assert kinds.index("notice") < kinds.index("started"), "no latency figure counts the wait"


def test_a_run_that_is_stopped_while_it_waits_has_kept_nothing() -> None:
    lab = Engine(admission=Admission(rates=RateLimiter(window_s=60)))
    limits = Limits(runs_per_minute=1)
    first, second = (start(lab, one_node(speak), {}, limits=limits, labels={"owner": "me"}) for _ in range(2))
    finish(first)
    second.drain()
    assert second.draining
    second.cancel()
    finish(second)
    assert second.ended is not None
    assert second.ended.reason == "Stopped before it had begun."
    assert not second.draining
