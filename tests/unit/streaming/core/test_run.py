"""The log of a run, and following it from threads and from event loops."""

import asyncio
import threading
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock

import pytest

from graphs import GRAPHS
from streaming.core.events import Ended, LogEntry, Notice
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run

MODEL = ModelSpec(provider="scripted")


def new_run() -> Run:
    return Run(RunRequest(graph=GRAPHS["chat"], model=MODEL, modes=("messages",), prompt="Hello"), thread_id="t")


def ended_run(notices: int) -> Run:
    run = new_run()
    for number in range(notices):
        run.append(Notice(text=str(number)))
    run.append(Ended(outcome="completed"))
    return run


async def all_of(run: Run, from_seq: int = 0, **options: float) -> list[int]:
    async with aclosing(run.afollow(from_seq, **options)) as batches:  # type: ignore[arg-type]
        return [entry.seq async for batch in batches for entry in batch]


def test_since_copies_only_the_entries_from_that_number() -> None:
    run = ended_run(5)
    assert [entry.seq for entry in run.since(4)] == [4, 5]
    assert run.since(6) == []


async def test_async_follower_gets_events_appended_by_another_thread() -> None:
    run = new_run()

    def append() -> None:
        for number in range(2000):
            run.append(Notice(text=str(number)))
        run.append(Ended(outcome="completed"))

    thread = threading.Thread(target=append)
    followers = [asyncio.create_task(all_of(run)) for _ in range(20)]
    await asyncio.sleep(0)
    threads = threading.active_count()
    thread.start()
    for found in await asyncio.gather(*followers):
        assert found == list(range(2001))
    thread.join()
    assert threading.active_count() <= threads, "no thread for a follower"


def test_followers_of_one_run_may_belong_to_different_event_loops() -> None:
    run, found = new_run(), []
    threads = [threading.Thread(target=lambda: found.append(asyncio.run(all_of(run)))) for _ in range(3)]
    for thread in threads:
        thread.start()
    run.append(Notice(text="one"))
    run.append(Ended(outcome="completed"))
    for thread in threads:
        thread.join()
    assert found == [[0, 1]] * 3


async def test_late_async_follower_gets_the_past_in_bounded_batches() -> None:
    run = ended_run(1000)
    async with aclosing(run.afollow(10, max_batch=300)) as batches:
        sizes = [len(batch) async for batch in batches]
    assert sizes == [300, 300, 300, 91]


async def test_async_follower_of_an_ended_run_past_its_end_gets_nothing() -> None:
    assert await all_of(ended_run(2), 3) == []


async def test_async_follower_counts_for_the_grace_time_until_it_is_closed() -> None:
    run = new_run()
    run.append(Notice(text="one"))
    assert not run.followed
    async with aclosing(run.afollow()) as batches:
        await anext(batches)
        assert run.followed
        assert run.unfollowed_s == 0
    assert not run.followed
    assert run.unfollowed_s > 0


async def test_async_follower_gets_empty_batches_only_when_it_asks_for_ticks() -> None:
    run = new_run()
    async with aclosing(run.afollow(tick_s=0.001)) as batches:
        assert await anext(batches) == []


async def test_a_follower_whose_event_loop_has_closed_does_not_stop_the_run() -> None:
    run = new_run()

    async def follow_for_ever() -> None:
        async for _ in run.afollow():
            pass

    def leave() -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(follow_for_ever())
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        task._log_destroy_pending = False  # type: ignore[attr-defined]
        left.append(task)

    left: list[object] = []
    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    run.append(Ended(outcome="completed"))
    assert run.status == "Completed"


def test_cancelling_counts_once() -> None:
    run = new_run()
    calls: list[str] = []
    run.on_cancel(lambda: calls.append("cancelled"))
    run.cancel()
    run.cancel()
    assert calls == ["cancelled"]


def test_a_run_has_its_times_by_one_clock_also_when_the_system_s_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [50.0]
    run = Run(new_run().request, thread_id="t", clock=lambda: now[0])
    now[0] += 7
    monkeypatch.setattr("streaming.core.run.datetime", Mock(now=Mock(return_value=run.created_at - timedelta(hours=1))))
    run.begin()
    assert (run.zero_at - run.created_at).total_seconds() == 7
    assert (run.age_s, run.since_created_s) == (0, 7)


def test_a_run_of_a_server_with_another_clock_is_not_younger_than_its_events() -> None:
    executed = ended_run(1)
    entries = [LogEntry(seq=entry.seq, t=40.0, event=entry.event) for entry in executed.events]
    run = Run.from_history(executed.id, executed.request, created_at=datetime.now(UTC) + timedelta(hours=1))
    run.add_stored(entries)
    assert run.age_s >= 40


def test_an_event_that_is_logged_later_has_the_time_at_which_it_happened_but_none_before_the_one_before_it() -> None:
    now = [0.0]
    request = RunRequest(graph=GRAPHS["chat"], model=MODEL, modes=("messages",), prompt="Hello")
    run = Run(request, thread_id="t", clock=lambda: now[0])
    now[0] = 3
    run.append(Notice(text="first"), at_s=2)
    run.append(Notice(text="second"), at_s=1)
    run.append(Ended(outcome="completed"))
    assert [entry.t for entry in run.events] == [2, 2, 3]
