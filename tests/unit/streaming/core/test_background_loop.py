"""The loop in a thread of its own: what runs on it ends with it."""

import asyncio
import threading

import pytest

from streaming.core.background_loop import BackgroundLoop, QuietLoop


async def forever(begun: threading.Event, ended: threading.Event) -> None:
    try:
        begun.set()
        await asyncio.Event().wait()
    finally:
        ended.set()


def test_close_cancels_what_runs_and_ends_the_thread() -> None:
    before, begun, ended = threading.active_count(), threading.Event(), threading.Event()
    background = BackgroundLoop("test")
    work = background.submit(forever(begun, ended))
    assert begun.wait(20)
    background.close()
    assert ended.is_set()
    assert work.cancelled()
    assert background.closed
    assert threading.active_count() == before


def test_work_for_a_closed_loop_is_refused_without_a_leaked_coroutine() -> None:
    background = BackgroundLoop("test")
    background.close()
    background.close()
    with pytest.raises(RuntimeError):
        background.submit(asyncio.sleep(0))


def test_the_event_loop_of_the_calling_thread_stays_as_it_is() -> None:
    async def inside() -> bool:
        own = asyncio.get_running_loop()
        background = BackgroundLoop("test")
        background.close()
        return asyncio.get_running_loop() is own is not background.loop

    assert asyncio.run(inside())


def test_work_that_exits_does_not_end_the_loop() -> None:
    async def leaves(error: type[BaseException]) -> None:
        raise error

    background = BackgroundLoop("test")
    try:
        for error in (SystemExit, KeyboardInterrupt):
            with pytest.raises(error):
                background.submit(leaves(error)).result(timeout=20)
        assert background.submit(asyncio.sleep(0, "goes on")).result(timeout=20) == "goes on"
    finally:
        background.close()
    assert background.closed


def test_a_loop_that_calls_itself_wakes_nobody_and_other_threads_wake_it(monkeypatch: pytest.MonkeyPatch) -> None:
    wakes: list[int] = []
    write = QuietLoop._write_to_self
    monkeypatch.setattr(QuietLoop, "_write_to_self", lambda loop: (wakes.append(threading.get_ident()), write(loop)))
    background = BackgroundLoop("test")

    async def calls_itself() -> int:
        called = asyncio.Event()
        asyncio.get_running_loop().call_soon_threadsafe(called.set)
        await called.wait()
        return threading.get_ident()

    try:
        own = background.submit(calls_itself()).result(timeout=20)
        assert own not in wakes
        assert threading.get_ident() in wakes
    finally:
        background.close()
