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
from streaming import MODES, Lab, Run, RunRequest
from streaming.errors import BadRecording, StoreUnavailable
from streaming.models import ModelSpec, Pace
from streaming.projections import Latency, apply_all
from streaming.recording import Header, header_of
from streaming.store import Recorder, Store, history
from streaming.store.schema import upgrade
from tests.unit.streaming.graphs_for_tests import QUICK, finish
from tests.unit.streaming.postgres import postgres_server

ROOT = Path(__file__).parents[3]


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
def recording_lab(store: Store) -> Iterator[tuple[Lab, Recorder]]:
    recorder = Recorder(store, every_s=0.02)
    lab = Lab(on_start=recorder.record)
    yield lab, recorder
    recorder.close()
    lab.close()


def a_run(lab: Lab, **fields: object) -> Run:
    fields.setdefault("modes", MODES)
    request = RunRequest(graph=GRAPHS["joke"], model=QUICK, prompt="Cats", **fields)  # type: ignore[arg-type]
    return finish(lab.start(request))


def test_a_run_is_found_again_with_its_figures_and_every_event(url: str) -> None:
    store = Store(url)
    with recording_lab(store) as (lab, recorder):
        run = a_run(lab, labels={"owner": "me", "flush": "blocks"})
        recorder.flush()
        (row,) = [row for row in store.newest(10) if row["id"] == run.id]
        assert (row["status"], row["graph"], row["owner"], row["flush"]) == ("Completed", "joke", "me", "blocks")
        metrics = apply_all(Latency(), run.events).metrics()
        assert row["ttft_s"] == pytest.approx(metrics.ttft_s)
        assert row["bytes_by_mode"] == metrics.bytes_by_mode
        assert store.recording(run.id).events == run.events
    store.close()


def test_it_is_saved_while_it_goes(url: str) -> None:
    store = Store(url)
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
    store = Store(url, clock=lambda: now[0])
    with recording_lab(Store(url)) as (lab, _):
        run = a_run(lab)
    header = header_of("gone", run.created_at, run.request)
    store.begin("gone", header, owner="", created_at=5e9)
    assert next(row["status"] for row in store.newest(1)) == "Running"
    now[0] += 60
    assert next(row["status"] for row in store.newest(1)) == "Lost"


def test_old_logs_are_dropped_and_their_figures_stay(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    with recording_lab(store) as (lab, recorder):
        runs = [a_run(lab) for _ in range(4)]
        recorder.flush()
    assert store.forget_logs(kept=2) == 2
    assert store.count() == 4
    assert store.recording(runs[3].id).events
    with pytest.raises(BadRecording, match="not kept any more"):
        store.recording(runs[0].id)
    assert store.forget_logs(kept_bytes=0) == 2


def test_an_older_database_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(connection, revision="0001")
    engine.dispose()
    with sqlite3.connect(path) as old:
        assert not old.execute("SELECT name FROM sqlite_master WHERE name = 'votes'").fetchall()
    store = Store(f"sqlite:///{path}")
    store.vote(
        faster={"run": "a", "name": "streaming", "ttft_s": 0.1, "e2e_s": 2.0},
        slower={"run": "b", "name": "blocking", "ttft_s": 2.0, "e2e_s": 2.0},
    )
    assert store.votes()[0]["figures"]["slower"]["ttft_s"] == 2.0


def test_two_servers_share_one_database(url: str) -> None:
    first, second = Store(url), Store(url)
    before = first.count()
    with recording_lab(first) as (one, _), recording_lab(second) as (other, _):
        for lab in (one, other) * 5:
            a_run(lab)
    assert first.count() == second.count() == before + 10


def test_a_killed_server_loses_at_most_the_last_second(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    program = (
        "import sys; from graphs import GRAPHS; from streaming import *; from streaming.models import *\n"
        "from streaming.store import *\n"
        f"recorder = Recorder(Store({url!r}))\n"
        "lab = Lab(on_start=recorder.record)\n"
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
    kept = Store(url).recording(Store(url).newest(1)[0]["id"])
    assert kept.ended.error == "Lost"
    assert kept.length_s > age - 1.0, (length, age, len(kept.events))


def test_a_database_in_trouble_costs_no_run_and_is_tried_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    store = Store(f"sqlite:///{path}")
    recorder = Recorder(store, every_s=60)
    lab = Lab(on_start=recorder.record)
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


@pytest.mark.parametrize("read", [Store.count, lambda store: store.newest(1), lambda store: store.recording("x")])
def test_a_database_that_breaks_while_it_is_read_says_so(tmp_path: Path, read: Callable[[Store], object]) -> None:
    path = tmp_path / "runs.sqlite"
    store = Store(f"sqlite:///{path}")
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE runs RENAME TO hidden")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        read(store)


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/runs.sqlite", "postgresql+psycopg://me:hunter2@127.0.0.1:1/x"]
)
def test_a_database_that_cannot_be_used_says_so_without_its_password(url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        Store(url)
    assert "hunter2" not in str(caught.value)
    assert caught.value.advice


def test_an_owner_narrows_the_list(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    for number, (graph, owner) in enumerate([("joke", "a"), ("chat", "a"), ("joke", "b")]):
        header = Header(run_id=str(number), created_at="", graph=graph, provider="p", model="m", modes=("values",))
        store.begin(str(number), header, owner=owner, created_at=time.time() + number)
    assert [row["id"] for row in store.newest(10)] == ["2", "1", "0"]
    assert [row["id"] for row in store.newest(10, owner="a")] == ["1", "0"]
    assert os.path.exists(tmp_path / "runs.sqlite")


def test_a_run_never_waits_for_a_history_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def broken() -> Store:
        tried.append(1)
        raise StoreUnavailable("The history of runs cannot be used (X).", advice="Runs go on without it.")

    monkeypatch.setattr(history, "_recorder", None)
    monkeypatch.setattr(history, "_failed", None)
    monkeypatch.setattr(history, "store", broken)
    lab = Lab(on_start=history.keep_run)
    assert [a_run(lab).status for _ in range(3)] == ["Completed"] * 3
    assert tried == [1], "it is left alone for a while"
    assert "cannot be used" in history.trouble()
    monkeypatch.setattr(history, "TRY_AGAIN_S", 0.0)
    history.trouble()
    assert tried == [1, 1]
