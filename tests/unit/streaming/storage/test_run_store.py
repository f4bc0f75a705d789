"""Runs are kept while they go, in SQLite and in PostgreSQL, also through a kill."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from graphs import GRAPHS
from streaming.core.errors import BadRecording, StoreUnavailable
from streaming.core.events import MODES
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import Header, header_of
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RETRY_AFTER_S, RunStore
from streaming.storage.run_writer import RunWriter
from streaming.storage.schema import upgrade
from tests.support.graphs import QUICK, finish
from tests.support.postgres import postgres_server

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path / 'folder' / 'runs.sqlite'}"


@contextmanager
def recording_lab(store: RunStore) -> Iterator[tuple[Engine, RunWriter]]:
    recorder = RunWriter(store, every_s=0.02)
    lab = Engine(on_start=recorder.record)
    yield lab, recorder
    recorder.close()
    lab.close()


def a_run(lab: Engine, **fields: object) -> Run:
    fields.setdefault("modes", MODES)
    request = RunRequest(graph=GRAPHS["joke"], model=QUICK, prompt="Cats", **fields)  # type: ignore[arg-type]
    return finish(lab.start(request))


def test_a_run_is_found_again_with_its_figures_and_every_event(url: str) -> None:
    store = RunStore(url)
    with recording_lab(store) as (lab, recorder):
        run = a_run(lab, labels={"owner": "me", "flush": "blocks"})
        recorder.flush()
        (row,) = [row for row in store.newest(10) if row["id"] == run.id]
        assert (row["status"], row["graph"], row["owner"], row["flush"]) == ("Completed", "joke", "me", "blocks")
        metrics = apply_all(MetricsCollector(), run.events).metrics()
        assert row["ttft_s"] == pytest.approx(metrics.ttft_s)
        assert row["bytes_by_mode"] == metrics.bytes_by_mode
        assert store.recording(run.id).events == run.events
    store.close()


def test_it_is_saved_while_it_goes(url: str) -> None:
    store = RunStore(url)
    slow = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=40))
    with recording_lab(store) as (lab, recorder):
        run = lab.start(RunRequest(graph=GRAPHS["chat"], model=slow, modes=("messages",), prompt="x"))
        for _ in run.follow():
            if run.length > 12:
                break
        recorder.flush()
        kept = store.recording(run.id)
        assert len(kept.events) > 12
        assert kept.ended.error == "Lost", "so far it has no end of its own"
        run.cancel()
        finish(run)
    store.close()


def test_a_run_whose_server_is_gone_is_lost(url: str) -> None:
    now = [1000.0]
    store = RunStore(url, clock=lambda: now[0])
    with recording_lab(RunStore(url)) as (lab, _):
        run = a_run(lab)
    header = header_of("gone", run.created_at, run.request)
    store.begin("gone", header, owner="", created_at=5e9)
    assert next(row["status"] for row in store.newest(1)) == "Running"
    now[0] += 60
    assert next(row["status"] for row in store.newest(1)) == "Lost"


def test_old_logs_are_dropped_and_their_figures_stay(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    with recording_lab(store) as (lab, recorder):
        runs = [a_run(lab) for _ in range(4)]
        recorder.flush()
    assert store.drop_old_logs(kept=2) == 2
    assert store.count() == 4
    assert store.recording(runs[3].id).events
    with pytest.raises(BadRecording, match="not kept any more"):
        store.recording(runs[0].id)
    assert store.drop_old_logs(kept_bytes=0) == 2


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, revision="0001")
    engine.dispose()
    with sqlite3.connect(path) as old:
        assert not old.execute("SELECT name FROM sqlite_master WHERE name = 'votes'").fetchall()
    store = RunStore(f"sqlite:///{path}")
    store.vote(
        faster={"run": "a", "name": "streaming", "ttft_s": 0.1, "e2e_s": 2.0},
        slower={"run": "b", "name": "blocking", "ttft_s": 2.0, "e2e_s": 2.0},
    )
    assert store.votes()[0]["figures"]["slower"]["ttft_s"] == 2.0


def test_two_servers_share_one_database(url: str) -> None:
    first, second = RunStore(url), RunStore(url)
    before = first.count()
    with recording_lab(first) as (one, _), recording_lab(second) as (other, _):
        for lab in (one, other) * 5:
            a_run(lab)
    assert first.count() == second.count() == before + 10


def test_a_killed_server_loses_at_most_the_last_second(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    program = (
        "from graphs import GRAPHS; from streaming.core.request import RunRequest; from streaming.providers import *\n"
        "from streaming.runtime.engine import Engine; from streaming.storage.run_store import RunStore\n"
        "from streaming.storage.run_writer import RunWriter\n"
        f"recorder = RunWriter(RunStore({url!r}))\n"
        "lab = Engine(on_start=recorder.record)\n"
        "spec = ModelSpec(provider='scripted', pace=Pace(ttft_ms=0, tokens_per_s=50, tokens=2000))\n"
        "run = lab.start(RunRequest(graph=GRAPHS['chat'], model=spec, modes=('messages',), prompt='x'))\n"
        "for _ in run.follow(): print(run.length, run.age_s, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said = line
        if float(line.split()[1]) > 2.5:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    length, age = int(said.split()[0]), float(said.split()[1])
    kept = RunStore(url).recording(RunStore(url).newest(1)[0]["id"])
    assert kept.ended.error == "Lost"
    assert kept.length_s > age - 1.0, (length, age, len(kept.events))


def test_a_database_in_trouble_costs_no_run_and_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    store = RunStore(f"sqlite:///{path}")
    store.connect()
    recorder = RunWriter(store, every_s=60)
    lab = Engine(on_start=recorder.record)
    with sqlite3.connect(path) as blocker:
        blocker.execute("ALTER TABLE runs RENAME TO hidden")
        blocker.commit()
        run = a_run(lab)
        recorder.flush()
        assert run.status == "Completed"
        assert "runs go on without it" in recorder.trouble
        blocker.execute("ALTER TABLE hidden RENAME TO runs")
        blocker.commit()
    recorder.flush()
    assert recorder.trouble == ""
    assert store.recording(run.id).events == run.events


@pytest.mark.parametrize("read", [RunStore.count, lambda store: store.newest(1), lambda store: store.recording("x")])
def test_a_database_that_breaks_while_it_is_read_says_so(tmp_path: Path, read: Callable[[RunStore], object]) -> None:
    path = tmp_path / "runs.sqlite"
    store = RunStore(f"sqlite:///{path}")
    store.connect()
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE runs RENAME TO hidden")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        read(store)


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/runs.sqlite", "postgresql+psycopg://me:hunter2@127.0.0.1:1/x"]
)
def test_a_database_that_cannot_be_used_says_so_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        RunStore(url).connect()
    assert "hunter2" not in str(caught.value)
    assert caught.value.advice


def test_an_owner_narrows_the_list(tmp_path: Path) -> None:
    store = RunStore(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    for number, (graph, owner) in enumerate([("joke", "a"), ("chat", "a"), ("joke", "b")]):
        header = Header(run_id=str(number), created_at="", graph=graph, provider="p", model="m", modes=("values",))
        store.begin(str(number), header, owner=owner, created_at=time.time() + number)
    assert [row["id"] for row in store.newest(10)] == ["2", "1", "0"]
    assert [row["id"] for row in store.newest(10, owner="a")] == ["1", "0"]
    assert os.path.exists(tmp_path / "runs.sqlite")


def test_a_database_that_cannot_be_used_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    now = [0.0]

    def broken(self: RunStore) -> None:
        tried.append(1)
        raise OSError("no space left")

    monkeypatch.setattr(RunStore, "_open", broken)
    store = RunStore("sqlite:///nowhere", monotonic=lambda: now[0])
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            store.newest(1)
    assert tried == [1]
    now[0] = RETRY_AFTER_S + 1
    with pytest.raises(StoreUnavailable):
        store.newest(1)
    assert tried == [1, 1]
