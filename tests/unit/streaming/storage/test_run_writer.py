"""What the recorder does when the server ends, and when the database stays away."""

from threading import Event, Thread
from typing import Any

import pytest

from graphs import GRAPHS
from streaming.core.errors import StoreUnavailable
from streaming.core.events import Ended, Notice
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.observability.logs import logger
from streaming.storage.run_writer import RunWriter
from tests.support.graphs import QUICK


class FakeStore:
    """Says what it was given; refuses it with `trouble`, and waits in `append` until it is `free`."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.trouble = trouble
        self.entered, self.free = Event(), Event()
        self.free.set()
        self.ended: list[str] = []

    def begin(self, run_id: str, *args: Any, **kwargs: Any) -> None:
        if self.trouble is not None:
            raise self.trouble

    def append(self, *args: Any) -> None:
        self.entered.set()
        assert self.free.wait(10)

    def end(self, run_id: str, *args: Any) -> None:
        self.ended.append(run_id)


def a_run(*, ended: bool = True) -> Run:
    request = RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=("values",), prompt="secret prompt")
    run = Run(request, thread_id="t")
    run.append(Notice(text="x"))
    if ended:
        run.append(Ended(outcome="completed"))
    return run


def test_what_comes_while_the_last_flush_is_at_work_is_saved_before_the_recorder_closes() -> None:
    store, run = FakeStore(), a_run(ended=False)
    store.free.clear()
    recording = RunWriter(store, every_s=0.01, log=logger("json"))  # type: ignore[arg-type]
    recording.record(run)
    assert store.entered.wait(10)
    closing = Thread(target=recording.close)
    closing.start()
    while not recording._closed:
        pass
    run.append(Ended(outcome="completed"))
    store.free.set()
    closing.join(10)
    assert store.ended == [run.id]


def test_a_recorder_that_cannot_save_at_the_end_says_which_runs_are_lost(capsys: pytest.CaptureFixture[str]) -> None:
    run = a_run()
    recording = RunWriter(FakeStore(StoreUnavailable("gone")), every_s=0.01, log=logger("json"))  # type: ignore[arg-type]
    recording.record(run)
    recording.close()
    said = capsys.readouterr().err
    assert run.id[:8] in said
    assert run.id not in said


def test_only_so_many_runs_wait_for_a_database_in_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    store = FakeStore(StoreUnavailable("gone"))
    recording = RunWriter(store, every_s=60, kept=2, log=logger("json"))  # type: ignore[arg-type]
    runs = [a_run() for _ in range(5)]
    running = a_run(ended=False)
    for run in [running, *runs]:
        recording.record(run)
    recording.flush()
    said = capsys.readouterr().err
    assert [run.id[:8] in said for run in runs] == [True, True, True, False, False]
    store.trouble = None
    recording.flush()
    assert store.ended == [run.id for run in runs[3:]]
    running.append(Ended(outcome="completed"))
    recording.flush()
    assert running.id in store.ended, "one that still runs is never given up"


def test_runs_wait_only_so_long_for_a_database_in_trouble() -> None:
    store = FakeStore(StoreUnavailable("gone"))
    recording = RunWriter(store, every_s=60, max_age_s=0)  # type: ignore[arg-type]
    recording.record(a_run())
    recording.flush()
    store.trouble = None
    recording.flush()
    assert store.ended == []


def test_a_run_that_cannot_be_written_down_is_told_of_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    run = a_run()
    recording = RunWriter(FakeStore(ValueError("secret prompt")), every_s=60, log=logger("json"))  # type: ignore[arg-type]
    recording.record(run)
    recording.flush()
    said = capsys.readouterr().err
    assert run.id[:8] in said
    assert "ValueError" in said
    assert "secret" not in said
