"""The run writer: what it saves and when, at the end of the server, and while the database is unavailable."""

from collections import Counter
from threading import Event, Thread
from typing import Any

import pytest

from graphs import GRAPHS
from streaming.analysis.gap_histogram import PooledGaps
from streaming.core.errors import StoreUnavailable
from streaming.core.events import Ended, Fallback, Notice, Started, Token
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.core.text_drawing import TextDrawing
from streaming.observability.logs import logger
from streaming.storage.run_writer import HEARTBEAT_EVERY_S, RunWriter
from tests.support.graphs import QUICK
from tests.support.waiting import wait_until


class FakeStore:
    """Counts its calls; `begin` raises `trouble`, and `begin` and `append` wait until the store is `free`."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.entered, self.free = Event(), Event()
        self.free.set()
        self.calls: Counter[str] = Counter()
        self.ended: list[str] = []
        self.heartbeats: list[list[str]] = []
        self.end_values: dict[str, Any] = {}
        self.edition = 1

    def connect(self) -> None:
        """Is connected."""

    def begin(self, run_id: str, *args: Any, **kwargs: Any) -> None:
        self._enter("begin")
        if self.trouble is not None:
            raise self.trouble

    def append(self, *args: Any) -> None:
        self._enter("append")

    def note_first_text(self, run_id: str, first_text_s: float) -> None:
        self._enter("note_first_text")

    def note_drawing(self, run_id: str, drawing: TextDrawing) -> None:
        self._enter("note_drawing")

    def heartbeat(self, run_ids: list[str]) -> None:
        self.heartbeats.append(list(run_ids))

    def asked(self, run_ids: list[str]) -> dict[str, Any]:
        return {}

    def end(self, run_id: str, *args: Any, **values: Any) -> None:
        self.ended.append(run_id)
        self.end_values = values

    def _enter(self, name: str) -> None:
        self.calls[name] += 1
        self.entered.set()
        assert self.free.wait(10)


def writer_of(store: FakeStore, **options: Any) -> RunWriter:
    return RunWriter(store, **{"every_s": 60, "log": logger("json"), **options})  # type: ignore[arg-type]


def new_run(*, ended: bool = True) -> Run:
    request = RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=("values",), prompt="secret prompt")
    run = Run(request, thread_id="t")
    run.append(Notice(text="x"))
    if ended:
        run.append(Ended(outcome="completed"))
    return run


def test_starting_a_run_does_not_wait_for_a_database_that_blocks() -> None:
    store = FakeStore()
    store.free.clear()
    writer = writer_of(store, every_s=0.01)
    runs = [new_run() for _ in range(3)]
    writer.record(runs[0])
    assert store.entered.wait(10), "the writer's thread is inside the database now"
    recorded = Event()

    def record_more() -> None:
        for run in runs[1:]:
            writer.record(run)
        recorded.set()

    Thread(target=record_more, daemon=True).start()
    assert recorded.wait(10)
    assert store.ended == []
    store.free.set()
    writer.close()
    assert set(store.ended) == {run.id for run in runs}


def test_events_that_come_during_the_last_flush_are_saved_before_the_writer_closes() -> None:
    store, run = FakeStore(), new_run(ended=False)
    store.free.clear()
    writer = writer_of(store, every_s=0.01)
    writer.record(run)
    assert store.entered.wait(10)
    closing = Thread(target=writer.close)
    closing.start()
    while not writer._closed:
        pass
    run.append(Ended(outcome="completed"))
    store.free.set()
    closing.join(10)
    assert store.ended == [run.id]


def test_runs_without_new_events_cost_one_heartbeat_for_all_of_them() -> None:
    now = [0.0]
    store = FakeStore()
    writer = writer_of(store, clock=lambda: now[0])
    queued = [new_run(ended=False) for _ in range(20)]
    for run in queued:
        writer.record(run)
    writer.flush()
    assert (store.calls["begin"], store.calls["append"]) == (20, 20)
    for _ in range(10):
        writer.flush()
    assert (store.calls["begin"], store.calls["append"]) == (20, 20)
    assert store.heartbeats == []
    now[0] += HEARTBEAT_EVERY_S
    writer.flush()
    assert store.heartbeats == [[run.id for run in queued]]
    for run in queued:
        run.append(Ended(outcome="cancelled"))
    writer.flush()
    now[0] += HEARTBEAT_EVERY_S
    writer.flush()
    assert len(store.heartbeats) == 1, "ended runs need none"


def test_the_end_of_a_run_is_saved_with_its_time_and_its_gaps() -> None:
    now = [0.0]
    run = Run(new_run().request, thread_id="t", clock=lambda: now[0])
    store = FakeStore()
    writer = writer_of(store)
    writer.record(run)
    run.append(Started(thread_id="t"))
    for t in (1.0, 1.1, 1.3):
        now[0] = t
        run.append(Token(ns=(), message_id="m", node="n", role="ai", text="x"))
    now[0] = 2.0
    run.append(Ended(outcome="completed"))
    writer.flush()
    assert store.end_values["ended_at"] == pytest.approx(run.zero_at.timestamp() + 2.0)
    assert list(PooledGaps([store.end_values["gap_histogram"]])) == pytest.approx([0.1, 0.2], rel=0.01)


def test_runs_that_cannot_be_saved_at_the_end_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    run = new_run()
    writer = writer_of(FakeStore(StoreUnavailable("gone")), every_s=0.01)
    writer.record(run)
    writer.close()
    logged = capsys.readouterr().err
    assert run.id[:8] in logged
    assert run.id not in logged


def test_the_number_of_ended_runs_that_wait_for_the_database_is_limited(capsys: pytest.CaptureFixture[str]) -> None:
    store = FakeStore(StoreUnavailable("gone"))
    writer = writer_of(store, max_unsaved_runs=2)
    runs = [new_run() for _ in range(5)]
    running = new_run(ended=False)
    for run in [running, *runs]:
        writer.record(run)
    writer.flush()
    logged = capsys.readouterr().err
    assert [run.id[:8] in logged for run in runs] == [True, True, True, False, False]
    store.trouble = None
    writer.flush()
    assert store.ended == [run.id for run in runs[3:]]
    running.append(Ended(outcome="completed"))
    writer.flush()
    assert running.id in store.ended, "a running one is never dropped"


def test_ended_runs_wait_for_the_database_for_a_limited_time() -> None:
    store = FakeStore(StoreUnavailable("gone"))
    writer = writer_of(store, max_unsaved_s=0)
    writer.record(new_run())
    writer.flush()
    store.trouble = None
    writer.flush()
    assert store.ended == []


def test_a_run_that_the_database_refuses_is_reported_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    run = new_run()
    writer = writer_of(FakeStore(ValueError("secret prompt")))
    writer.record(run)
    writer.flush()
    logged = capsys.readouterr().err
    assert run.id[:8] in logged
    assert "ValueError" in logged
    assert "secret" not in logged


def test_a_run_whose_fallback_answered_is_stored_under_the_fallback_model() -> None:
    store = FakeStore()
    writer = writer_of(store)
    requested = ModelSpec(provider="compatible", model="first", base_url="http://127.0.0.1:9/v1")
    request = RunRequest(graph=GRAPHS["joke"], model=requested, modes=("values",), prompt="x", fallback_model=QUICK)
    for took_over, provider in ((False, "compatible"), (True, "scripted")):
        run = Run(request, thread_id="t")
        if took_over:
            run.append(Fallback(reason="refused", to="Scripted"))
        run.append(Ended(outcome="completed"))
        writer.record(run)
        writer.flush()
        assert store.end_values["model"].provider == provider
    writer.close()


def test_a_history_that_is_damaged_in_any_way_does_not_end_the_thread_that_saves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Damaged(FakeStore):
        def heartbeat(self, run_ids: list[str]) -> None:
            super().heartbeat(run_ids)
            raise TypeError("secret content")

    store = Damaged()
    clock = iter(range(0, 10**9, int(HEARTBEAT_EVERY_S) + 1))
    writer = writer_of(store, every_s=0.001, clock=lambda: float(next(clock)))
    run = new_run(ended=False)
    writer.record(run)
    wait_until(lambda: len(store.heartbeats) > 2)
    assert writer.trouble == "The history of runs is damaged (TypeError)."
    run.append(Ended(outcome="cancelled"))
    wait_until(lambda: store.ended == [run.id])
    writer.close()
    said = capsys.readouterr().err
    assert said.count("is damaged") == 1
    assert "secret content" not in said
