"""A thread is continued once, however many tabs and servers do it, and the second one is told what was decided."""

import asyncio
import operator
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, TypedDict
from unittest.mock import Mock

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt

from streaming.core.events import CheckpointSaved
from streaming.core.request import Fork, Resume, RunRequest
from streaming.core.run import Run
from streaming.runtime import thread_claims, thread_moves
from streaming.runtime.claim_rows import Move
from streaming.runtime.claim_statements import statements_of
from streaming.runtime.engine import Engine
from streaming.runtime.thread_claims import ThreadClaims
from tests.support.graphs import QUICK, Source, events_of, finish

published: list[str] = []


class State(TypedDict, total=False):
    done: Annotated[list[str], operator.add]


def ask_and_publish(model: Any, checkpointer: Any) -> Any:
    def ask(state: State) -> State:
        return {"done": [interrupt("Publish?")]}

    def publish(state: State) -> State:
        published.append(state["done"][-1])
        return {}

    graph = StateGraph(State)
    graph.add_sequence([ask, publish])
    graph.add_edge(START, "ask")
    return graph.compile(checkpointer=checkpointer)


def request(**fields: Any) -> RunRequest:
    source = Source(builder=ask_and_publish, given={"done": []})
    return RunRequest(graph=source, model=QUICK, modes=("updates",), **{"prompt": "x", **fields})


def answer(run: Run, text: str) -> RunRequest:
    assert run.ended is not None
    [question] = run.ended.pending
    return request(prompt="", thread_id=run.thread_id, resume=Resume(answers={question.id: text}))


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def engines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Engine]]:
    """Two servers on one database; in memory there is one server."""
    published.clear()
    may_reply.set()
    monkeypatch.setattr(thread_claims, "BUSY_WAIT_S", 0.3)
    kind = request.param
    url = request.getfixturevalue("postgres") if kind == "postgres" else f"sqlite:///{tmp_path / 'threads.sqlite'}"
    with ExitStack() as stack:
        first = stack.enter_context(closing(Engine(checkpointer_url=None if kind == "memory" else url)))
        second = first if kind == "memory" else stack.enter_context(closing(Engine(checkpointer_url=url)))
        yield [first, second]


@pytest.mark.parametrize(
    "goes_on",
    [
        {"resume": Resume(answers={"q": "yes"})},
        {"resume": Resume(expects="there")},
        {"fork": Fork(checkpoint_id="there", step=1)},
        {"checkpoint_id": "there"},
    ],
    ids=["answers", "after a breakpoint", "a fork", "the next turn"],
)
def test_what_goes_on_from_a_checkpoint_runs_no_node_on_a_thread_without_one(
    engine: Engine, goes_on: dict[str, Any]
) -> None:
    run = finish(engine.start(request(thread_id="gone", **goes_on)))
    assert run.ended is not None
    assert (run.ended.outcome, run.ended.error) == ("failed", "NotContinuable")
    assert "no longer there, so nothing was run" in run.ended.reason
    assert [entry.event.kind for entry in run.events] == ["ended"]
    assert finish(engine.start(request(thread_id="new", resume=Resume()))).status == "Interrupted"


def test_of_many_answers_at_once_one_is_taken(engines: list[Engine]) -> None:
    run = finish(engines[0].start(request()))
    started = [engines[number % 2].start(answer(run, f"yes-{number}")) for number in range(6)]
    ended = [finish(tab) for tab in started]
    assert len(published) == 1
    assert [tab.status for tab in ended].count("Completed") == 1
    for tab in ended:
        assert tab.ended is not None
        if tab.status != "Completed":
            assert tab.ended.error == "AnsweredAlready"
            assert f"answered with “{published[0]}” at " in tab.ended.reason, tab.ended.reason
            assert "UTC" in tab.ended.reason


def test_a_later_answer_is_told_too(engines: list[Engine]) -> None:
    run = finish(engines[0].start(request()))
    assert finish(engines[0].start(answer(run, "yes"))).status == "Completed"
    late = finish(engines[1].start(answer(run, "no")))
    assert published == ["yes"]
    assert late.ended is not None
    assert "“yes”" in late.ended.reason


def test_a_claim_of_a_server_that_was_killed_ends_by_its_age(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finish(engines[0].start(request()))
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._release", _never)
        patched.setattr("streaming.runtime.executor._stream_modes", _dies)
        assert finish(engines[0].start(answer(run, "yes"))).status == "Failed"
    refused = finish(engines[1].start(answer(run, "no")))
    assert refused.ended is not None
    assert refused.ended.error == "AnsweredAlready"
    monkeypatch.setattr(thread_claims, "STALE_AFTER_S", -1.0)
    monkeypatch.setattr(thread_claims, "WATCHED_S", 0.0)
    assert finish(engines[1].start(answer(run, "no"))).status == "Completed"
    assert published == ["no"]


def test_a_run_that_fails_before_its_answer_is_used_leaves_the_question_open(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finish(engines[0].start(request()))
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._stream_modes", _dies)
        assert finish(engines[0].start(answer(run, "yes"))).status == "Failed"
    assert finish(engines[1].start(answer(run, "later"))).status == "Completed"


may_reply = threading.Event()


def chat(model: Any, checkpointer: Any) -> Any:
    async def reply(state: State) -> State:
        await asyncio.to_thread(may_reply.wait)
        return {"done": ["reply"]}

    graph = StateGraph(State)
    graph.add_node("hear", lambda state: {"done": ["heard"]})
    graph.add_node("reply", reply)
    graph.add_edge(START, "hear")
    graph.add_edge("hear", "reply")
    return graph.compile(checkpointer=checkpointer)


def turn(prompt: str, **fields: Any) -> RunRequest:
    source = Source(builder=chat, given={"done": ["asked"]})
    return RunRequest(graph=source, model=QUICK, modes=("updates", "checkpoints"), prompt=prompt, **fields)


def at_once(engines: list[Engine], requests: list[RunRequest]) -> list[Run]:
    """Runs that as many threads start in one moment, on the servers by turns; one replies when the others ended."""
    barrier, runs = threading.Barrier(len(requests)), []
    may_reply.clear()

    def tab(number: int) -> None:
        barrier.wait()
        runs.append(finish(engines[number % 2].start(requests[number])))
        if len(runs) == len(requests) - 1:
            may_reply.set()

    threads = [threading.Thread(target=tab, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return runs


def assert_one_went_on(engines: list[Engine], runs: list[Run], first: Run) -> None:
    """One run has written into the thread, and the others say which, and when."""
    won = [run for run in runs if run.status == "Completed"]
    assert len(won) == 1, [run.ended for run in runs]
    for run in runs:
        assert run.ended is not None
        if run is not won[0]:
            assert run.ended.error == "AnsweredAlready"
            assert "This thread was continued with “" in run.ended.reason
            assert "UTC" in run.ended.reason
            assert run.started is None, "it wrote nothing"
    thread = engines[0].thread(first.request.graph, first.thread_id)
    assert thread is not None
    assert won[0].ended is not None
    assert thread.end.checkpoint_id == won[0].ended.checkpoint_id


def test_of_many_next_turns_at_once_one_is_taken(engines: list[Engine]) -> None:
    first = finish(engines[0].start(turn("one")))
    requests = [thread_moves.next_turn(first, first.request, prompt=f"two-{number}") for number in range(4)]
    runs = at_once(engines, requests)
    assert_one_went_on(engines, runs, first)
    said = next(run.request.prompt for run in runs if run.status == "Completed")
    assert all(f"“{said}”" in run.ended.reason for run in runs if run.status == "Failed" and run.ended)


def test_of_many_forks_at_once_one_is_taken_and_a_later_one_too(engines: list[Engine]) -> None:
    first = finish(engines[0].start(turn("one")))
    saved = next(event for event in events_of(first, CheckpointSaved) if event.next == ("reply",))
    request = thread_moves.fork(
        first, first.request, checkpoint=Fork(checkpoint_id=saved.checkpoint_id, step=saved.step)
    )
    assert_one_went_on(engines, at_once(engines, [request] * 4), first)
    assert finish(engines[1].start(request)).status == "Completed", "it knows of the other one"


def test_of_many_retries_one_is_taken_at_once_and_later(engines: list[Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    first = finish(engines[0].start(turn("one")))
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._stream_modes", _dies)
        failed = finish(engines[0].start(thread_moves.next_turn(first, first.request, prompt="two")))
    assert failed.status == "Failed"
    retry = thread_moves.retry(failed, first.request, partial_answers={})
    runs = [*at_once(engines, [retry] * 4), finish(engines[1].start(retry))]
    assert [run.status for run in runs].count("Completed") == 1, [run.ended for run in runs]
    assert {run.ended.error for run in runs if run.ended} == {"", "AnsweredAlready"}


def test_who_waits_for_a_run_that_completes_has_come_too_late(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_claims, "BUSY_WAIT_S", 20.0)
    first = finish(engines[0].start(turn("one")))
    second = finish(engines[0].start(thread_moves.next_turn(first, first.request, prompt="two")))
    edited = thread_moves.edit_turn(second, first.request, prompt="instead")
    may_reply.clear()
    holds = engines[0].start(edited)
    for _ in holds.follow():
        if holds.started:
            break
    found_busy, rows = threading.Event(), ThreadClaims._rows

    async def reads(self: ThreadClaims, thread_id: str) -> Any:
        found_busy.set()
        return await rows(self, thread_id)

    monkeypatch.setattr(ThreadClaims, "_rows", reads)
    waits = engines[1].start(edited)
    assert found_busy.wait(20)
    may_reply.set()
    assert finish(holds).status == "Completed"
    assert finish(waits).ended is not None
    assert "continued with “instead”" in str(waits.ended)


def test_a_page_with_an_old_position_does_not_send_a_turn_beside_a_newer_one(engines: list[Engine]) -> None:
    first = finish(engines[0].start(turn("one")))
    second = finish(engines[0].start(thread_moves.next_turn(first, first.request, prompt="two")))
    late = finish(engines[1].start(thread_moves.next_turn(first, first.request, prompt="also two")))
    assert late.ended is not None
    assert "continued with “two” at" in late.ended.reason
    edited = thread_moves.edit_turn(second, first.request, prompt="two, but shorter")
    assert finish(engines[1].start(edited)).status == "Completed", "an edited turn begins there on purpose"


def test_a_turn_takes_the_position_of_one_that_its_page_has_cancelled(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = finish(engines[0].start(turn("one")))
    requests = [thread_moves.next_turn(first, first.request, prompt=f"two-{number}") for number in range(2)]
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._stream_modes", _waits)
        replaced = engines[0].start(requests[0])
        for _ in replaced.follow():
            if replaced.started:
                break
    sent = engines[0].start(requests[1])
    replaced.cancel()
    assert finish(replaced).status == "Cancelled"
    assert finish(sent).status == "Completed", sent.ended


def test_a_thread_is_locked_while_a_run_goes_on_and_free_afterwards(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_claims, "STALE_AFTER_S", 1.0)
    first = finish(engines[0].start(turn("one")))
    go_on = threading.Event()

    async def waits(*_: Any) -> None:
        await asyncio.to_thread(go_on.wait)

    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._stream_modes", waits)
        holds = engines[0].start(thread_moves.next_turn(first, first.request, prompt="two"))
        for _ in holds.follow():
            if holds.started:
                break
    edited = thread_moves.edit_turn(holds, first.request, prompt="instead")
    later = time.monotonic() + 2 * thread_claims.STALE_AFTER_S
    while time.monotonic() < later:
        refused = finish(engines[1].start(edited))
        assert refused.ended is not None
        assert "continued with “two”" in refused.ended.reason, "the lock is renewed"
    go_on.set()
    finish(holds)
    assert finish(engines[1].start(edited)).status == "Completed"


def test_nobody_goes_on_from_the_first_run_of_a_thread_before_it_has_ended(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_claims, "BUSY_WAIT_S", 0.2)
    with monkeypatch.context() as patched:
        patched.setattr("streaming.runtime.executor._stream_modes", _waits)
        first = engines[0].start(turn("one"))
        for _ in first.follow():
            if first.started:
                break
    beside = finish(engines[1].start(turn("two", thread_id=first.thread_id)))
    assert beside.ended is not None
    assert beside.ended.error == "AnsweredAlready", beside.ended
    first.cancel()
    finish(first)
    assert finish(engines[1].start(turn("three", thread_id=first.thread_id))).status == "Completed"


def test_runs_of_one_request_have_threads_of_their_own(engines: list[Engine]) -> None:
    asked = turn("one")
    assert len({engines[0].start(asked).thread_id for _ in range(3)}) == 3


async def _waits(*_: Any) -> None:
    await asyncio.Event().wait()


async def _never(*_: Any) -> None:
    return


async def _dies(*_: Any) -> None:
    raise RuntimeError("killed")


async def test_a_renewal_that_is_cut_off_leaves_no_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_claims, "STALE_AFTER_S", 1000.0)
    statements, renewed = statements_of(InMemorySaver()), asyncio.Event()

    async def answer_never_comes(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        rows = await statements(sql, *values)
        if sql.startswith("UPDATE") and "RETURNING" in sql:
            renewed.set()
            await asyncio.Event().wait()
        return rows

    claims = ThreadClaims(answer_never_comes)
    move = Move.of(Run(request(), thread_id="t", clock=time.monotonic))
    lock = await claims.lock("t", move)
    monkeypatch.setattr(thread_claims, "RENEWALS", 1e9)
    renewal = asyncio.create_task(claims.renew(lock))
    async with asyncio.timeout(10):
        await renewed.wait()
        renewal.cancel()
        await claims.release(lock, reached=None)
        await claims.lock("t", move)


DAMAGES = (
    "answers = '{'",
    "answers = '[]'",
    "answers = x'00ff'",
    """answers = '{"answers": 5, "text": 7, "since": "x"}'""",
    "claimed_at = 'soon'",
    "claimed_at = 1e300",
)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("rows", ["locks", "claims"])
def test_a_damaged_claim_does_nothing_twice_and_closes_no_thread(tmp_path: Path, damage: str, rows: str) -> None:
    file = tmp_path / "threads.sqlite"
    published.clear()
    with closing(Engine(checkpointer_url=f"sqlite:///{file}")) as engine:
        asked = finish(engine.start(request()))
        assert finish(engine.start(answer(asked, "yes"))).status == "Completed"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(f"UPDATE thread_claims SET {damage} WHERE (checkpoint_id = '') = ?", [rows == "locks"])
            connection.commit()
        second = finish(engine.start(answer(asked, "no"))).ended
        assert second is not None
        assert (second.error, published) == ("AnsweredAlready", ["yes"])
        turn = request(prompt="more", thread_id=asked.thread_id)
        assert finish(engine.start(turn)).status == "Interrupted"


class Clock:
    """The system's clock, which somebody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off_s = 0.0
        real = time.time
        monkeypatch.setattr(thread_claims, "time", Mock(time=lambda: real() + self.off_s))
        clock = Mock(now=lambda zone: datetime.now(zone) + timedelta(seconds=self.off_s))
        monkeypatch.setattr("streaming.core.run.datetime", clock)


@pytest.mark.parametrize("jump_s", [3600, -3600])
def test_a_conversation_goes_on_when_the_clock_is_set(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch, jump_s: float
) -> None:
    clock = Clock(monkeypatch)
    run = finish(engines[0].start(request()))
    assert finish(engines[0].start(answer(run, "yes"))).status == "Completed"
    clock.off_s = jump_s
    again = finish(engines[1].start(request(thread_id=run.thread_id)))
    assert again.status == "Interrupted", again.ended
    assert finish(engines[1].start(answer(again, "yes, too"))).status == "Completed"
    late = finish(engines[0].start(answer(again, "no")))
    assert late.ended is not None
    assert late.ended.error == "AnsweredAlready"
    assert published == ["yes", "yes, too"]
