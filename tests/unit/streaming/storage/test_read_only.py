"""The databases become read-only while a run goes on, and can be written again later."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from graphs import GRAPHS
from streaming.core.events import Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.graphs import events_of, finish
from tests.support.waiting import wait_until

PACE = Pace(ttft_ms=0, tokens_per_s=200, jitter=0, tokens=100)


class Lab:
    """An engine whose runs are stored, and the switch of both databases."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine(checkpointer_url=f"sqlite:///{folder / 'threads.sqlite'}")
        self.store = RunStore(f"sqlite:///{folder / 'runs.sqlite'}")
        self.writer = RunWriter(self.store, every_s=0.05)
        self.query_only = "OFF"
        sa.event.listen(self.store.connect(), "checkout", self._switch)

    def _switch(self, connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA query_only={self.query_only}")

    def set_read_only(self, on: bool) -> None:
        self.query_only = "ON" if on else "OFF"
        saver: Any = self.engine._checkpointer
        self.engine._submit(saver.conn.execute(f"PRAGMA query_only={self.query_only}")).result(timeout=20)

    def start(self) -> Run:
        model = ModelSpec(provider="scripted", pace=PACE)
        modes = ("messages", "values")
        run = self.engine.start(RunRequest(graph=GRAPHS["chat"], model=model, modes=modes, prompt="Hello"))
        self.writer.record(run)
        return run

    def close(self) -> None:
        self.writer.close()
        self.engine.close()
        self.store.close()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with closing(Lab(tmp_path)) as lab:
        finish(lab.start())
        yield lab


def is_stored(lab: Lab, run: Run) -> bool:
    """Whether the history has the whole run, with its end event."""
    return lab.store.stored_run(run.id) is not None and len(lab.store.recording(run.id).events) == run.length


def test_a_run_on_a_read_only_disk_ends_with_a_sentence_and_is_stored_later(lab: Lab) -> None:
    begun = lab.start()
    for batch in begun.follow():
        if any(isinstance(entry.event, Token) for entry in batch):
            break
    lab.set_read_only(True)
    runs = [finish(begun), finish(lab.start())]
    for run in runs:
        assert run.ended is not None
        assert run.ended.reason == "The database of the threads failed: its file cannot be written."
        assert "then run again" in run.ended.advice
    assert events_of(begun, Token), "what had arrived is kept"
    assert lab.engine.checkpointer_error(timeout_s=20) == runs[0].ended.reason  # type: ignore[union-attr]
    lab.set_read_only(False)
    assert lab.engine.checkpointer_error(timeout_s=20) is None
    runs.append(finish(lab.start()))
    assert runs[-1].status == "Completed"
    wait_until(lambda: all(is_stored(lab, run) for run in runs))
