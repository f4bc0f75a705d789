"""Somebody removes or replaces the data folder while the server runs: what can be kept is kept in the new one."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from graphs import GRAPHS
from streaming.core.events import MODES
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.graphs import QUICK, finish
from tests.support.waiting import wait_until

SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=100, tokens=60))


class Server(NamedTuple):
    """An engine and its history in files of one folder."""

    engine: Engine
    store: RunStore
    writer: RunWriter
    folder: Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "data"
    with (
        closing(RunStore(f"sqlite:///{folder / 'runs.sqlite'}")) as store,
        closing(RunWriter(store, every_s=0.02)) as writer,
        closing(Engine(checkpointer_url=f"sqlite:///{folder / 'threads.sqlite'}", on_start=writer.record)) as engine,
    ):
        yield Server(engine, store, writer, folder)


def remove(folder: Path) -> None:
    # In one step: what writes into it would make it anew while it is emptied.
    shutil.rmtree(folder.rename(folder.with_name("removed")))


def replace(folder: Path) -> None:
    # The writer makes a folder that is gone: where it did so between the two steps, they are taken again.
    for attempt in count():
        folder.rename(folder.with_name(f"before-{attempt}"))
        with suppress(OSError):
            folder.with_name("empty").rename(folder)
            return


def request(model: ModelSpec) -> RunRequest:
    return RunRequest(graph=GRAPHS["joke"], model=model, modes=MODES, prompt="Bees")


@pytest.mark.parametrize("change", [remove, replace])
def test_a_run_is_whole_in_the_history_though_its_folder_went_in_the_middle(
    server: Server, change: Callable[[Path], None]
) -> None:
    engine, store, writer, folder = server
    early = finish(engine.start(request(QUICK)))
    wait_until(lambda: [row["status"] for row in store.newest(1)] == ["Completed"])
    shutil.copytree(folder, folder.with_name("empty"))
    run = engine.start(request(SLOW))
    wait_until(lambda: len(store.newest(9)) == 2 and store.newest(1)[0]["events"])
    change(folder)
    finish(run)
    later = finish(engine.start(request(QUICK)))
    assert (run.status, later.status) == ("Completed", "Completed")
    assert engine.checkpointer_error(timeout_s=20) is None
    writer.flush()

    # As the next server finds them.
    with closing(RunStore(f"sqlite:///{folder / 'runs.sqlite'}")) as again:
        assert {row["id"] for row in again.newest(9)} == {run.id, later.id} | (
            {early.id} if change is replace else set()
        )
        assert again.recording(run.id).events == run.events
    with closing(Engine(checkpointer_url=f"sqlite:///{folder / 'threads.sqlite'}")) as other:
        assert other.thread(GRAPHS["joke"], later.thread_id) is not None


def test_a_folder_that_cannot_be_made_again_is_said_and_runs_go_on(server: Server) -> None:
    engine, store, writer, folder = server
    finish(engine.start(request(QUICK)))
    wait_until(lambda: [row["status"] for row in store.newest(1)] == ["Completed"])
    shutil.rmtree(folder)
    folder.write_text("no folder")
    assert "cannot be used" in (engine.checkpointer_error(timeout_s=20) or "")
    engine.start(request(QUICK))
    writer.flush()
    assert "cannot be used" in writer.trouble
