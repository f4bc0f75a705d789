"""Stop comes first: the other runs wait for it, and never longer than they should."""

import asyncio

import pytest

from streaming.core import stops_first
from streaming.core.stops_first import StopsFirst


async def test_others_wait_until_every_stop_has_passed() -> None:
    stops, passed = StopsFirst(), list[str]()
    stops.begin("a")
    stops.begin("b")

    async def other() -> None:
        await stops.pass_by()
        passed.append("other")

    waiting = asyncio.create_task(other())
    stops.end("a")
    await asyncio.sleep(0)
    assert stops.pending
    assert not passed
    passed.append("b has ended")
    stops.end("b")
    await waiting
    assert passed == ["b has ended", "other"]
    assert not stops.pending


async def test_nobody_waits_without_a_stop() -> None:
    async with asyncio.timeout(5):
        await StopsFirst().pass_by()


async def test_a_stop_that_does_not_end_holds_the_others_for_a_limited_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stops_first, "LONGEST_HOLD_S", 0.01)
    stops = StopsFirst()
    stops.begin("blocks")
    async with asyncio.timeout(5):
        await stops.pass_by()
    assert not stops.pending
