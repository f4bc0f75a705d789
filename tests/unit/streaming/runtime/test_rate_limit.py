"""The rate limit: callers over it wait in the order of their arrival."""

import asyncio

import pytest

from streaming.runtime.rate_limit import MovingWindow, RateLimiter


async def test_a_caller_over_the_limit_waits_for_the_window() -> None:
    limiter, waits = RateLimiter(window_s=1), []
    for _ in range(3):
        await limiter.wait("me", "openai", limit=2, on_wait=waits.append)
    assert waits
    assert all(0 < wait_s <= 1.01 for wait_s in waits)


async def test_each_key_has_its_own_window() -> None:
    limiter, waits = RateLimiter(window_s=60), []
    for key in (("me", "openai"), ("me", "groq"), ("you", "openai")):
        await limiter.wait(*key, limit=1, on_wait=waits.append)
    assert waits == []


async def test_a_waiting_caller_can_be_cancelled() -> None:
    limiter = RateLimiter(window_s=60)
    await limiter.wait("me", limit=1, on_wait=lambda wait_s: None)
    waiting = asyncio.create_task(limiter.wait("me", limit=1, on_wait=lambda wait_s: None))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def served(order: str) -> str:
    """The order in which these are served, one a second; the last comes when the first two have been."""
    limiter, done = RateLimiter(window_s=1), []

    async def one(name: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await limiter.wait("me", limit=1, on_wait=lambda wait_s: None)
        done.append(name)

    *early, late = order
    await asyncio.gather(*(one(name, place / 100) for place, name in enumerate(early)), one(late, 1.2))
    return "".join(done)


async def test_a_later_caller_is_served_after_those_that_wait() -> None:
    # Several, because a caller that is served out of order is so by chance.
    assert await asyncio.gather(*(served("ABCDE") for _ in range(8))) == ["ABCDE"] * 8


async def test_cancelled_callers_leave_no_queue() -> None:
    limiter = RateLimiter(window_s=60)
    tasks = [asyncio.create_task(limiter.wait(str(n // 2), limit=1, on_wait=lambda wait_s: None)) for n in range(20)]
    await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert not limiter._queues


def test_keys_without_hits_for_a_window_are_forgotten() -> None:
    now = [0.0]
    window = MovingWindow(window_s=60, clock=lambda: now[0])
    for number in range(100):
        assert window.hit(str(number), limit=1)
    assert not window.hit("99", limit=1)
    assert len(window) == 100
    now[0] = 61.0
    assert window.hit("99", limit=1), "also where the wall clock was set back"
    assert len(window) == 1


def test_a_wait_is_never_longer_than_the_window() -> None:
    window = MovingWindow(window_s=60)
    window.hit("me", limit=1)
    assert 0 < window.wait_s("me", limit=1) <= 60


def test_a_wall_clock_that_is_set_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    window = MovingWindow(window_s=60, clock=lambda: now[0])
    assert window.hit("me", limit=2)
    monkeypatch.setattr("time.time", lambda: -3600.0)
    assert window.hit("me", limit=2)
    assert not window.hit("me", limit=2)
    assert window.wait_s("me", limit=2) == 60.0
    now[0] += 60.0
    assert window.hit("me", limit=2)
