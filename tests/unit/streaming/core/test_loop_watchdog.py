"""A loop that stands still is noticed, with the stack of what holds it up."""

import asyncio
import itertools
import logging
import threading
import time

import pytest

from streaming.core.background_loop import BackgroundLoop
from streaming.core.loop_watchdog import ANY_AFTER_S, SAME_AFTER_S, LoopWatchdog

LONGEST_S = 0.01


async def watched_while(work: str) -> list[str]:
    stacks: list[str] = []
    noticed = threading.Event()

    def take(stack: str) -> None:
        stacks.append(stack)
        noticed.set()

    def planted_stall() -> None:
        assert noticed.wait(20)

    watchdog = LoopWatchdog(asyncio.get_running_loop(), name="test", longest_s=LONGEST_S, on_stall=take)
    if work == "blocks":
        planted_stall()
    await asyncio.sleep(0)
    watchdog.stop()
    return stacks


def test_a_planted_stall_is_reported_once_with_its_stack() -> None:
    (stack,) = asyncio.run(watched_while("blocks"))
    assert "planted_stall" in stack


async def test_what_has_taken_the_place_of_a_frame_ends_no_watchdog(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = threading.Event()

    def frames() -> dict[int, object]:
        asked.set()
        return {threading.main_thread().ident or 0: print, threading.get_ident(): print}

    monkeypatch.setattr("sys._current_frames", frames)
    stacks: list[str] = []
    watchdog = LoopWatchdog(asyncio.get_running_loop(), name="test", longest_s=LONGEST_S, on_stall=stacks.append)
    assert asked.wait(20), "the loop stands still until its stack is looked at"
    monkeypatch.undo()
    watchdog.stop()
    assert stacks == []


async def log_of_a_stall(caplog: pytest.LogCaptureFixture) -> None:
    def planted_stall() -> None:
        while not caplog.records:
            time.sleep(LONGEST_S)

    with caplog.at_level(logging.DEBUG):
        watchdog = LoopWatchdog(asyncio.get_running_loop(), name="test", longest_s=LONGEST_S)
        planted_stall()
        await asyncio.sleep(0)
        watchdog.stop()


def test_the_warning_is_one_line_with_the_place_and_the_stack_is_for_debugging(
    caplog: pytest.LogCaptureFixture,
) -> None:
    asyncio.run(log_of_a_stall(caplog))
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "planted_stall" in warnings[0]
    assert "\n" not in warnings[0]


def test_stalls_in_the_same_functions_are_told_once_a_minute_with_their_number() -> None:
    now = [0.0]
    asked, told = threading.Semaphore(0), list[str]()

    def clock() -> float:
        asked.release()
        return now[0]

    def planted_stall() -> None:
        assert asked.acquire(timeout=20)

    def other_stall() -> None:
        assert asked.acquire(timeout=20)

    async def stall_often() -> None:
        loop = asyncio.get_running_loop()
        watchdog = LoopWatchdog(loop, name="test", longest_s=LONGEST_S, on_stall=told.append, clock=clock)
        for stall in (planted_stall, planted_stall, planted_stall, other_stall):
            # A busy machine may have held up the loop too, which was told then.
            now[0] += ANY_AFTER_S
            while asked.acquire(blocking=False):
                pass
            stall()
            # The watchdog has to notice that the loop goes on.
            await asyncio.sleep(5 * LONGEST_S)
        now[0] += SAME_AFTER_S
        while asked.acquire(blocking=False):
            pass
        planted_stall()
        watchdog.stop()

    asyncio.run(stall_often())
    first, last = [stack for stack in told if "in planted_stall" in stack]
    assert any("in other_stall" in stack for stack in told)
    assert "more stalls here" not in first
    assert "more stalls here since the last line" in last


def test_a_stall_is_told_again_whenever_it_has_lasted_twice_as_long(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seconds = itertools.count()

    def planted_stall() -> None:
        while len(caplog.records) < 4:
            time.sleep(LONGEST_S)

    async def stall() -> None:
        watchdog = LoopWatchdog(
            asyncio.get_running_loop(), name="test", longest_s=LONGEST_S / 10, clock=lambda: float(next(seconds))
        )
        planted_stall()
        watchdog.stop()

    with caplog.at_level(logging.WARNING):
        asyncio.run(stall())
    first, *again = [record.getMessage() for record in caplog.records]
    assert "lasted" not in first
    assert [line[line.index("(it") :] for line in again[:3]] == [f"(it has lasted for {s} s)" for s in (10, 20, 40)]
    assert all("planted_stall" in line for line in again)


def test_a_loop_that_waits_is_not_reported() -> None:
    assert asyncio.run(watched_while("waits")) == []


def test_a_watched_loop_in_the_background_ends_with_its_watchdog() -> None:
    before = threading.active_count()
    background = BackgroundLoop("test", watched=True)
    assert background.submit(asyncio.sleep(0, "done")).result(timeout=20) == "done"
    background.close()
    assert threading.active_count() == before
