"""One view a run for any number of followers: late, slow and returning ones lose nothing."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from graphs import GRAPHS
from streaming.core.events import Custom, Ended, Event, Started, Token
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Clock, Run
from streaming.live import channel, snapshots
from streaming.live.channel import Channel
from streaming.live.fanout import Fanout, Subscriber
from streaming.live.folding import View, empty_view, fold
from streaming.live.history import MIN_RECENT, PatchHistory
from streaming.live.patches import VIEWS
from streaming.live.view import RunView, patches_of
from streaming.runtime.registry import RunRegistry


def new_run(clock: Clock = time.monotonic) -> Run:
    request = RunRequest(
        graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="Hello"
    )
    return Run(request, thread_id="t", clock=clock)


def token(number: int, message: str = "run-1") -> Token:
    return Token(ns=(), message_id=message, node="n", role="ai", text=f"{number} ")


def append(run: Run, events: Iterable[Event]) -> None:
    for event in events:
        run.append(event, size=100)


def expected(run: Run, views: Iterable[str] | None = None) -> View:
    options = {} if views is None else {"views": views}
    return fold(empty_view(), [patch for _, found in patches_of(run.events, **options) for patch in found])


class Reader:
    """What a browser does with frames."""

    def __init__(self) -> None:
        self.view = empty_view()
        self.seq = 0
        self.frames: list[dict[str, Any]] = []

    def take(self, content: str) -> None:
        frame = json.loads(content)
        self.frames.append(frame)
        if frame.get("snapshot"):
            self.view = empty_view()
        else:
            assert frame.get("from", frame["seq"] - 1) == self.seq, "no gap"
        fold(self.view, frame.get("p", ()))
        self.seq = frame.get("seq", self.seq)

    async def read(self, subscriber: Subscriber, *, until: int | None = None) -> "Reader":
        """Up to the end of the run, or to this entry."""
        frames = subscriber.frames()
        async for frame in frames:
            self.take(frame)
            if self.view["over"] if until is None else self.seq >= until:
                break
        await frames.aclose()  # type: ignore[attr-defined]
        return self


def fanout_of(*runs: Run) -> Fanout:
    return Fanout({run.id: run for run in runs}.get)


@asynccontextmanager
async def subscribed(fanout: Fanout, run: Run, **options: Any) -> AsyncIterator[Subscriber]:
    subscriber = fanout.subscriber()
    assert subscriber.follow(run.id, **options)
    try:
        yield subscriber
    finally:
        subscriber.close()


def same(view: View, other: View) -> bool:
    """JSON turns the bins' numbers into lists, and leaves tuples no choice."""
    return json.loads(json.dumps(view)) == json.loads(json.dumps(other))


async def test_a_run_can_be_followed_before_it_is_there() -> None:
    registry, run = RunRegistry(), new_run()
    fanout = Fanout(registry.get, on_added=registry.on_added.append)
    live, late, gone = fanout.subscriber(), fanout.subscriber(), fanout.subscriber()
    for subscriber in (live, gone):
        subscriber.follow_ahead(run.id)
    assert live.runs == {run.id}
    gone.close()
    reading = asyncio.create_task(Reader().read(live))
    await asyncio.to_thread(registry.add, run)
    run.append(token(1), size=100)
    run.append(Ended(outcome="completed"))
    assert same((await reading).view, expected(run))
    late.follow_ahead(run.id)
    assert same((await Reader().read(late)).view, expected(run)), "it was there already"
    assert gone.runs == frozenset()


async def test_a_live_and_a_late_follower_see_the_same() -> None:
    run = new_run()
    fanout = fanout_of(run)
    async with subscribed(fanout, run) as live, subscribed(fanout, run) as late:
        reading = asyncio.create_task(Reader().read(live))
        for number in range(300):
            run.append(token(number), size=100)
            if number % 50 == 0:
                await asyncio.sleep(0.01)
        run.append(Ended(outcome="completed"))
        first = await reading
        second = await Reader().read(late)
    assert same(first.view, expected(run))
    assert not any(frame.get("snapshot") for frame in first.frames[1:]), "the end comes as a patch too"
    assert same(second.view, first.view)
    assert len(first.frames) > 1
    assert len(second.frames) == 1, "a late follower gets a snapshot"


async def test_a_follower_that_returns_gets_the_rest_only() -> None:
    run = new_run()
    fanout = fanout_of(run)
    append(run, map(token, range(20)))
    reader = Reader()
    async with subscribed(fanout, run) as before:
        await reader.read(before, until=20)
    append(run, [*map(token, range(20, 40)), Ended(outcome="completed")])
    async with subscribed(fanout, run, since=reader.seq) as after:
        await reader.read(after)
    assert not any(frame.get("snapshot") for frame in reader.frames[1:])
    assert same(reader.view, expected(run))


async def test_a_follower_that_returns_to_another_process_can_go_on() -> None:
    run = new_run()
    append(run, map(token, range(20)))
    reader = Reader()
    async with subscribed(fanout_of(run), run) as before:
        await reader.read(before, until=20)
    append(run, [*map(token, range(20, 40)), Ended(outcome="completed")])
    async with subscribed(fanout_of(run), run, since=20) as after:
        await reader.read(after)
    assert same(reader.view, expected(run)), "the patches depend on the log only"


async def test_a_run_that_waits_for_another_one_has_no_time_yet() -> None:
    run = new_run()
    fanout = fanout_of(run)
    async with subscribed(fanout, run) as waiting:
        assert "t" not in json.loads(await anext(waiting.frames()))
    run.begin()
    append(run, [token(1)])
    async with subscribed(fanout, run) as begun:
        reader = await Reader().read(begun, until=1)
    assert "t" in reader.frames[-1]


@pytest.mark.parametrize("large", [channel.LARGE, 0])
async def test_who_comes_late_to_a_run_without_news_gets_its_age_of_now(
    monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(channel, "LARGE", large)
    now = [0.0]
    run = new_run(clock=lambda: now[0])
    run.begin()
    run.append(Started(thread_id="t"))
    fanout = fanout_of(run)
    seen = []
    async with subscribed(fanout, run) as first:
        seen.append((await Reader().read(first, until=1)).frames[-1])
        for now[0] in (3.0, 7.0):
            async with subscribed(fanout, run) as late:
                seen.append((await Reader().read(late, until=1)).frames[-1])
    assert all(frame["snapshot"] for frame in seen)
    assert [frame["t"] for frame in seen] == [0.0, 3.0, 7.0]


async def test_a_number_beyond_the_log_gives_a_snapshot() -> None:
    run = new_run()
    append(run, [token(1), Ended(outcome="completed")])
    async with subscribed(fanout_of(run), run, since=999) as subscriber:
        reader = await Reader().read(subscriber)
    assert reader.frames[-1]["snapshot"]
    assert same(reader.view, expected(run))


async def test_a_slow_reader_gets_its_backlog_in_one_frame_and_holds_up_neither_run_nor_others() -> None:
    run = new_run()
    fanout = fanout_of(run)
    append(run, [token(0)])
    slow_reader = Reader()
    async with subscribed(fanout, run) as slow, subscribed(fanout, run) as quick:
        frames = slow.frames()
        slow_reader.take(await anext(frames))
        append(run, [*(token(n, f"run-{n % 3}") for n in range(1, 800)), Ended(outcome="completed")])
        quick_reader = await Reader().read(quick)
        slow_reader.take(await anext(frames))
        await frames.aclose()  # type: ignore[attr-defined]
    assert same(slow_reader.view, expected(run))
    assert same(quick_reader.view, expected(run))
    assert sum(patch[0] == "text" for patch in slow_reader.frames[-1]["p"]) == 3, "one text a message"


async def test_each_frame_is_encoded_once_for_a_hundred_followers(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = []
    encode = Channel._encode

    def counted(self: Channel, *where: Any) -> str:
        encoded.append(where)
        return encode(self, *where)

    monkeypatch.setattr(Channel, "_encode", counted)
    run = new_run()
    fanout = fanout_of(run)
    subscribers = [fanout.subscriber() for _ in range(100)]
    for subscriber in subscribers:
        subscriber.follow(run.id)
    readings = [asyncio.create_task(Reader().read(subscriber)) for subscriber in subscribers]
    for number in range(50):
        run.append(token(number))
        await asyncio.sleep(0.002)
    run.append(Ended(outcome="completed"))
    readers = await asyncio.gather(*readings)
    for subscriber in subscribers:
        subscriber.close()
    assert all(same(reader.view, expected(run)) for reader in readers)
    assert len(encoded) <= len(readers[0].frames) + 2
    while len(asyncio.all_tasks()) > 1:  # without followers the task of the run ends
        await asyncio.sleep(0)


async def test_raw_parts_come_in_bounded_frames_to_those_who_ask_and_go_on_where_they_were() -> None:
    run = new_run()
    append(run, [*map(token, range(1200)), Ended(outcome="completed")])
    fanout = fanout_of(run)
    reader = Reader()
    async with subscribed(fanout, run, views=["raw"]) as subscriber:
        frames = subscriber.frames()
        while len(reader.view["raw"]) < 1000:
            reader.take(await anext(frames))
        await frames.aclose()  # type: ignore[attr-defined]
    assert max(len(patch[1]) for frame in reader.frames for patch in frame["p"] if patch[0] == "raw") == 500
    assert "messages" in reader.view
    assert not reader.view["messages"], "only what was asked for"
    last = reader.view["raw"][-1][0]
    async with subscribed(fanout, run, since=reader.seq, raw=last + 1, views=["raw"]) as subscriber:
        frames = subscriber.frames()
        while len(reader.view["raw"]) < 1200:
            reader.take(await anext(frames))
        await frames.aclose()  # type: ignore[attr-defined]
    assert [row[0] for row in reader.view["raw"]] == list(range(1200))


async def test_all_raw_parts_of_a_live_run_come_before_its_end() -> None:
    run = new_run()
    run.append(token(0))
    async with subscribed(fanout_of(run), run, views=["text", "raw"]) as subscriber:
        reader = await Reader().read(subscriber, until=1)
        append(run, [*map(token, range(1, 1300)), Ended(outcome="completed")])
        await reader.read(subscriber)
    assert [row[0] for row in reader.view["raw"]] == list(range(1300))
    assert same(reader.view, expected(run, ["text", "raw"]))


async def test_the_end_of_a_run_does_not_wait_for_the_next_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("FRAME_S", "MAX_FRAME_S", "PACE_S"):
        monkeypatch.setattr(channel, pause, 1000.0)
    run = new_run()
    run.append(token(0))
    async with subscribed(fanout_of(run), run) as subscriber:
        reader = await Reader().read(subscriber, until=1)
        await asyncio.sleep(0)
        run.append(token(1))
        run.append(Ended(outcome="cancelled"))
        async with asyncio.timeout(20):
            await reader.read(subscriber)
    assert same(reader.view, expected(run))


async def test_figures_that_lag_behind_are_sent_when_the_run_is_silent() -> None:
    run = new_run()
    run.append(Started(thread_id="t"))
    async with subscribed(fanout_of(run), run) as subscriber:
        reader = Reader()
        frames = subscriber.frames()
        while not reader.view["messages"]:
            run.append(token(0))
            reader.take(await anext(frames))
        append(run, map(token, range(3)))
        while reader.view["figures"].get("chunks") != len(run.events) - 1:
            reader.take(await anext(frames))
        await frames.aclose()  # type: ignore[attr-defined]
    assert not run.ended


async def test_following_a_run_counts_for_its_grace_time() -> None:
    run = new_run()
    run.append(token(0))
    async with subscribed(fanout_of(run), run) as subscriber:
        await Reader().read(subscriber, until=1)
        assert run.followed
    while run.followed:
        await asyncio.sleep(0)
    assert run.unfollowed_s >= 0


async def test_a_drain_is_shown_although_no_event_tells_it() -> None:
    run = new_run()
    run.append(token(0))
    async with subscribed(fanout_of(run), run) as subscriber:
        reader = Reader()
        frames = subscriber.frames()
        reader.take(await anext(frames))
        run.drain()
        while not reader.view["run"].get("draining"):
            reader.take(await anext(frames))
        run.append(Ended(outcome="interrupted"))
        while not reader.view["over"]:
            reader.take(await anext(frames))
        await frames.aclose()  # type: ignore[attr-defined]
    assert reader.view["run"]["draining"] is False


async def test_following_again_with_other_views_begins_with_a_snapshot() -> None:
    run = new_run()
    append(run, [token(0), Ended(outcome="completed")])
    async with subscribed(fanout_of(run), run, views=["figures"]) as subscriber:
        reader = await Reader().read(subscriber)
        assert not reader.view["messages"]
        subscriber.follow(run.id, since=reader.seq, views=["text", "figures"])
        reader.view = empty_view()
        await reader.read(subscriber)
    assert reader.view["messages"]


async def test_a_run_that_is_not_known_cannot_be_followed() -> None:
    subscriber = fanout_of().subscriber()
    assert not subscriber.follow("nothing")
    assert subscriber.runs == frozenset()


async def test_followers_learn_of_a_view_that_cannot_be_made() -> None:
    run = new_run()
    run.append(token(0))

    def broken(run: Run) -> dict[str, Any]:
        raise ValueError("no")

    subscriber = Fanout({run.id: run}.get, about=broken).subscriber()
    subscriber.follow(run.id)
    frame = json.loads(await anext(aiter(subscriber.frames())))
    assert frame["run"] == run.id
    assert "gone" in frame
    subscriber.close()


def test_history_gives_the_same_view_from_any_entry_that_it_keeps() -> None:
    run = new_run()
    append(run, [*(token(n, f"run-{n % 5}") for n in range(3 * MIN_RECENT)), Ended(outcome="completed")])
    view = RunView()
    history = PatchHistory(view.opening())
    found = [view.opening()]
    for entry in run.events:
        found.append(view.apply(entry))
        history.add(found[-1])
    assert history.seq == run.length
    assert not history.has_since(0)
    everything = expected(run, set(VIEWS) - {"raw"})
    assert fold(empty_view(), history.snapshot()) == everything
    start = history.seq - MIN_RECENT
    assert history.has_since(start)
    joined = fold(empty_view(), [patch for batch in found[: start + 1] for patch in batch])
    assert fold(joined, history.since(start)) == everything


async def test_word_costs_few_bytes_beside_its_text() -> None:
    run = new_run()
    run.append(Token(ns=(), message_id="m", node="n", role="ai", text="word", metadata={"langgraph_node": "n"}))
    async with subscribed(fanout_of(run), run, views=["text", "raw"]) as subscriber:
        reader = await Reader().read(subscriber, until=1)
        for number in range(2, 6):
            append(run, [token(0, "m")])
            await reader.read(subscriber, until=number)
    names = [frame["run"] for frame in reader.frames]
    assert names[0] == run.id
    assert set(names[1:]) == {reader.frames[0]["as"]}
    assert all(len(json.dumps(frame, separators=(",", ":"))) < 110 for frame in reader.frames[2:])


def wide_log(count: int) -> list[Event]:
    """Many events that cannot be merged."""
    return [Custom(ns=(), data=f"note {number}") for number in range(count)]


async def test_a_large_snapshot_comes_in_frames_that_a_thread_encodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LARGE", 500)
    # On a slow machine a part of the log would be sent before the rest is computed.
    monkeypatch.setattr(channel, "_CATCH_UP_S", 60.0)
    monkeypatch.setattr(snapshots, "FRAME_BYTES", 20_000)
    threads = set()
    encode = snapshots.snapshot_frames
    monkeypatch.setattr(
        channel, "snapshot_frames", lambda *a, **k: (threads.add(threading.get_ident()), encode(*a, **k))[1]
    )
    run = new_run()
    append(run, [Started(thread_id="t"), *wide_log(4 * MIN_RECENT), Ended(outcome="completed")])
    fanout = Fanout(lambda _: run)
    for views in (None, ["steps"]):
        reader = Reader()
        async with subscribed(fanout, run, views=views) as subscriber:
            async for frame in subscriber.frames():
                reader.take(frame)
                if any(patch[0] == "over" for patch in reader.frames[-1]["p"]):
                    break
        start = max(number for number, frame in enumerate(reader.frames) if frame.get("snapshot"))
        large = reader.frames[start:]
        assert len(large) > 5
        assert all(len(json.dumps(frame)) < 40_000 for frame in large)
        assert [frame["seq"] for frame in large] == [0] * (len(large) - 1) + [run.length]
        assert same(reader.view, expected(run, views))
    assert threads
    assert threading.get_ident() not in threads


async def test_a_run_goes_on_after_a_large_snapshot_of_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LARGE", 500)
    run = new_run()
    append(run, [Started(thread_id="t"), *wide_log(4 * MIN_RECENT)])
    async with subscribed(Fanout(lambda _: run), run) as subscriber:
        reader = Reader()
        async for frame in subscriber.frames():
            reader.take(frame)
            if len(reader.frames) == 1:
                append(run, [*wide_log(50), Ended(outcome="completed")])
            if any(patch[0] == "over" for patch in reader.frames[-1]["p"]):
                break
    assert same(reader.view, expected(run))


async def test_the_last_follower_may_leave_while_its_snapshot_is_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LARGE", 500)
    run = new_run()
    append(run, [Started(thread_id="t"), *wide_log(4 * MIN_RECENT), Ended(outcome="completed")])
    fanout = Fanout(lambda _: run)
    for _ in range(3):
        leaving = fanout.subscriber()
        leaving.follow(run.id)
        frames = leaving.frames()
        waiting = asyncio.ensure_future(anext(frames))
        while fanout.channel(run.id)._encoding is None and not waiting.done():  # type: ignore[union-attr]
            await asyncio.sleep(0)
        waiting.cancel()
        leaving.close()
    staying = fanout.subscriber()
    staying.follow(run.id)
    async with asyncio.timeout(20):
        assert json.loads(await anext(staying.frames()))["snapshot"]
    staying.close()


async def most_frames_in_a_turn(run: Run, followers: int, options: dict[str, Any], events: Iterable[Event]) -> int:
    """How many frames these followers get at most until the loop comes back to another task."""
    fanout, frames, most = fanout_of(run), 0, 0

    async def read() -> None:
        nonlocal frames
        async with subscribed(fanout, run, **options) as subscriber:
            async for _ in subscriber.frames():
                frames += 1

    async def count() -> None:
        nonlocal frames, most
        while True:
            await asyncio.sleep(0)
            frames, most = 0, max(most, frames)

    tasks = [asyncio.create_task(each) for each in [count(), *(read() for _ in range(followers))]]
    for event in [None, *events]:
        if event is not None:
            run.append(event, size=100)
        await asyncio.sleep(10 * channel.FRAME_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return most


async def test_a_hundred_followers_get_an_event_in_several_turns_of_the_loop() -> None:
    most = await most_frames_in_a_turn(new_run(), 100, {}, [token(number) for number in range(5)])
    assert 1 <= most <= channel._WOKEN_AT_ONCE


async def test_a_late_follower_of_raw_parts_gets_few_frames_in_a_turn() -> None:
    run = new_run()
    append(run, [token(number) for number in range(5_000)])
    assert await most_frames_in_a_turn(run, 1, {"views": VIEWS}, []) <= 2
