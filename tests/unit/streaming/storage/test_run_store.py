"""The run store in SQLite and in PostgreSQL: what it saves, also through lost connections, kills and upgrades."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from graphs import GRAPHS
from streaming.core.errors import BadRecording, StoreUnavailable
from streaming.core.events import MODES, Ended, LogEntry, Notice, Started
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import Resume, RunRequest
from streaming.core.run import Run
from streaming.core.text_drawing import TextDrawing
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import Header, dump_event, header_of
from streaming.runtime.engine import Engine
from streaming.storage.database import RETRY_AFTER_S, Database
from streaming.storage.run_store import LOST_AFTER_S, RunStore
from streaming.storage.run_writer import RunWriter
from streaming.storage.schema import event_chunks, upgrade
from tests.support.graphs import QUICK, finish

ROOT = Path(__file__).parents[4]

OpenStore = Callable[..., RunStore]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres")).replace("postgresql://", "postgresql+psycopg://")
    return f"sqlite:///{tmp_path / 'folder' / 'runs.sqlite'}"


@pytest.fixture
def open_store() -> Iterator[OpenStore]:
    """Makes run stores; they are closed after the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(closing(RunStore(*args, **options)))


@contextmanager
def writing_engine(store: RunStore) -> Iterator[tuple[Engine, RunWriter]]:
    writer = RunWriter(store, every_s=0.02)
    with closing(Engine(on_start=writer.record)) as engine, closing(writer):
        yield engine, writer


def a_run(engine: Engine, **fields: object) -> Run:
    fields.setdefault("modes", MODES)
    request = RunRequest(graph=GRAPHS["joke"], model=QUICK, prompt="Cats", **fields)  # type: ignore[arg-type]
    return finish(engine.start(request))


def test_a_run_is_found_again_with_its_figures_and_every_event(open_store: OpenStore, url: str) -> None:
    store = open_store(url)
    with writing_engine(store) as (engine, writer):
        run = a_run(engine, labels={"owner": "me", "flush": "blocks"})
        writer.flush()
        (row,) = [row for row in store.newest(10) if row["id"] == run.id]
        assert (row["status"], row["graph"], row["owner"], row["flush"]) == ("Completed", "joke", "me", "blocks")
        metrics = apply_all(MetricsCollector(), run.events).metrics()
        assert row["ttft_s"] == pytest.approx(metrics.ttft_s)
        assert row["bytes_by_mode"] == metrics.bytes_by_mode
        assert store.recording(run.id).events == run.events


def test_a_row_names_what_the_run_continues_and_is_part_of_and_its_drawing(open_store: OpenStore, url: str) -> None:
    store = open_store(url)
    with writing_engine(store) as (engine, writer):
        labels = {"owner": "drawn", "part_of": "warm-up", "flush": "every N tokens", "every_tokens": "7"}
        first = a_run(engine, labels=labels)
        writer.note_first_text(first, 0.75)
        writer.note_first_text(first, 20.5)
        assert writer.first_text_s(first.id) == 0.75
        resumed = RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=MODES, resume=Resume(), labels={"owner": "drawn"})
        again = finish(engine.start(replace(resumed, thread_id=first.thread_id, previous_run_id=first.id)))
        writer.flush()
    rows = {row["id"]: row for row in store.newest(10, owner="drawn")}
    names = ("part_of", "continues", "flush", "first_text_s")
    assert [rows[first.id][name] for name in names] == ["warm-up", "", "every 7 tokens", 0.75]
    assert [rows[again.id][name] for name in names] == ["", first.id, "", None]
    store.note_first_text(first.id, 30.0)
    assert (writer.first_text_s(first.id), writer.first_text_s(again.id)) == (0.75, None), "a stored time stays"


def test_what_drawing_a_run_cost_is_stored_once(open_store: OpenStore, url: str) -> None:
    store = open_store(url)
    drawing = TextDrawing(p95_s=0.05, longest_s=0.17, bytes=4096, repaints=12)
    again = replace(drawing, repaints=1)
    with writing_engine(store) as (engine, writer):
        run = a_run(engine, labels={"owner": "drawn"})
        writer.note_drawing(run, drawing)
        writer.note_drawing(run, again)
        assert writer.drawing(run.id) == drawing
        writer.flush()
        assert store.drawing(run.id) == drawing
        store.note_drawing(run.id, again)
        assert writer.drawing(run.id) == drawing, "what is stored stays"
        unmeasured = a_run(engine)
        writer.flush()
        assert writer.drawing(unmeasured.id) is None


def test_the_listed_prompt_is_a_short_line_without_keys(open_store: OpenStore, url: str) -> None:
    prompt = f"Use sk-abcdefghijklmnop0123456789\nfor\t\x00 \ud800 cats {'and dogs ' * 99}"
    header = Header(run_id="a", created_at="", graph="joke", provider="p", model="m", modes=("values",), prompt=prompt)
    store = open_store(url)
    store.begin("listed", header, owner="lister", created_at=1.0)
    (row,) = store.newest(1, owner="lister")
    assert row["prompt"].startswith("Use [key] for ? cats and dogs")
    assert len(row["prompt"]) == 300


def test_a_run_is_saved_while_it_streams(open_store: OpenStore, url: str) -> None:
    store = open_store(url)
    slow = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=40))
    with writing_engine(store) as (engine, writer):
        run = engine.start(RunRequest(graph=GRAPHS["chat"], model=slow, modes=("messages",), prompt="x"))
        for _ in run.follow():
            if run.length > 12:
                break
        writer.flush()
        kept = store.recording(run.id)
        assert len(kept.events) > 12
        assert kept.ended.error == "Lost", "so far it has no end of its own"
        run.cancel()
        finish(run)


def test_a_running_run_without_heartbeats_is_lost(open_store: OpenStore, url: str) -> None:
    now = [1000.0]
    store = open_store(url, clock=lambda: now[0])
    with writing_engine(open_store(url)) as (engine, _):
        run = a_run(engine)
    header = header_of("gone", run.created_at, run.request)
    store.begin("gone", header, owner="", created_at=5e9)
    assert next(row["status"] for row in store.newest(1)) == "Running"
    now[0] += 60
    assert next(row["status"] for row in store.newest(1)) == "Lost"


def test_a_killed_run_is_lost_also_after_the_clock_was_set_back(open_store: OpenStore, url: str) -> None:
    now = [1_000_000.0]
    store = open_store(url, clock=lambda: now[0])
    run = Run(RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=("values",), prompt="x"), thread_id="t")
    store.begin(run.id, header_of(run.id, run.created_at, run.request), owner="", created_at=4e9)

    def status() -> str:
        stored = store.stored_run(run.id)
        (row,) = [row for row in store.newest(50) if row["id"] == run.id]
        assert stored is not None
        assert stored.over == (row["status"] == "Lost")
        return str(row["status"])

    assert status() == "Running"
    now[0] -= 86_400
    assert status() == "Lost"
    store.heartbeat([run.id])
    assert status() == "Running"


def test_old_logs_are_dropped_and_their_figures_stay(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    with writing_engine(store) as (engine, writer):
        runs = [a_run(engine) for _ in range(4)]
        writer.flush()
    assert store.drop_old_logs(max_logs=2) == 2
    assert store.count() == 4
    assert store.recording(runs[3].id).events
    with pytest.raises(BadRecording, match="dropped to save space"):
        store.recording(runs[0].id)
    with pytest.raises(BadRecording, match="no run with this id"):
        store.recording("guess")
    assert store.drop_old_logs(max_bytes=0) == 2


def old_database(url: str) -> sa.Engine:
    """A database of revision 0002 with one ended and one running run, as the app of that time wrote them."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        upgrade(connection, revision="0002")
    tables = sa.MetaData()
    tables.reflect(engine)
    event = LogEntry(seq=0, t=1.5, event=Ended(outcome="completed"))
    header = {"run_id": "ended", "created_at": "", "graph": "joke", "provider": "p", "model": "m", "modes": ["values"]}
    header |= {"prompt": "Cats\nand \x00dogs"}
    row = {
        "owner": "me", "created_at": 100.0, "reason": "", "error": "", "graph": "joke", "provider": "p", "model": "m",
        "modes": "values", "api": "stream modes", "flush": "", "header": header, "ttft_s": 0.5, "log_bytes": 9,
    }  # fmt: skip
    vote = {"created_at": 1.0, "faster_run": "a", "slower_run": "b", "faster": "x", "slower": "y", "figures": {"n": 1}}
    chunk = {"run_id": "ended", "part": 0, "lines": zlib.compress(dump_event(event))}
    with engine.begin() as connection:
        connection.execute(
            sa.insert(tables.tables["runs"]),
            [
                {**row, "id": "ended", "status": "Completed", "beat_at": 107.0},
                {**row, "id": "running", "status": "Running", "beat_at": 103.0},
            ],
        )
        connection.execute(sa.insert(tables.tables["logs"]), [chunk])
        connection.execute(sa.insert(tables.tables["votes"]), [vote])
    return engine


def test_a_database_of_the_previous_revision_is_upgraded_and_keeps_its_data(open_store: OpenStore, url: str) -> None:
    old_database(url).dispose()
    store = open_store(url)
    rows = {row["id"]: row for row in store.newest(10, owner="me")}
    assert {name: row["heartbeat_at"] for name, row in rows.items()} == {"ended": 107.0, "running": 103.0}
    assert {name: row["ended_at"] for name, row in rows.items()} == {"ended": 107.0, "running": None}
    assert rows["ended"]["ttft_s"] == 0.5
    assert rows["ended"]["gap_histogram"] is None, "the gaps of old runs are unknown"
    assert rows["ended"]["answers"] is None, "so is how their answers ended"
    assert {row["prompt"] for row in rows.values()} == {"Cats and dogs"}, "the prompts are those of the headers"
    assert store.recording("ended").length_s == 1.5
    assert store.votes()[0]["figures"]["n"] == 1


def test_an_upgrade_that_breaks_off_leaves_the_old_tables(
    open_store: OpenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    old_database(url).dispose()
    engines: list[sa.Engine] = []
    create = sa.create_engine
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.create_index", lambda *_: 1 / 0)
        patched.setattr(
            sa, "create_engine", lambda *given, **more: engines.append(create(*given, **more)) or engines[-1]
        )
        with pytest.raises(StoreUnavailable, match="ZeroDivisionError"):
            open_store(url).connect()
    pool: Any = engines[0].pool
    assert pool.checkedin() == 0, "no connection stays open"
    store = open_store(url)
    assert store.recording("ended").length_s == 1.5


def test_the_runs_of_one_owner_are_found_by_an_index(open_store: OpenStore, tmp_path: Path) -> None:
    engine = open_store(f"sqlite:///{tmp_path / 'runs.sqlite'}").connect()
    query = "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE owner = 'me' ORDER BY created_at DESC LIMIT 9"
    with engine.connect() as connection:
        (plan,) = [row[-1] for row in connection.exec_driver_sql(query)]
    assert "runs_owner_created_at" in plan
    assert "SCAN" not in plan
    engine.dispose()


@pytest.mark.parametrize("lost", [1, 2, 3], ids=["begin", "append", "end"])
def test_a_commit_whose_acknowledgement_is_lost_neither_loses_nor_repeats_events(
    open_store: OpenStore, url: str, lost: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(url)
    engine = store.connect()
    writer = RunWriter(store, every_s=60)
    run = Run(RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=("values",), prompt="x"), thread_id="t")
    commit, commits = engine.dialect.do_commit, 0

    def commit_and_disconnect(connection: Any) -> None:
        nonlocal commits
        commit(connection)
        commits += 1
        if commits == lost:
            raise engine.dialect.dbapi.OperationalError("server closed the connection")  # type: ignore[union-attr]

    monkeypatch.setattr(engine.dialect, "do_commit", commit_and_disconnect)
    run.append(Started(thread_id="t"))
    if lost == 3:
        run.append(Ended(outcome="completed"))
    writer.record(run)
    writer.flush()
    # Its own thread may have saved, and been told, before this one.
    assert commits >= lost
    if lost != 3:
        run.append(Notice(text="This event came while the connection was lost."))
        run.append(Ended(outcome="completed"))
    writer.flush()
    writer.close()
    assert writer.trouble == ""
    (row,) = [row for row in store.newest(50) if row["id"] == run.id]
    assert row["status"] == "Completed"
    assert store.recording(run.id).events == run.events
    with engine.connect() as connection:
        sizes = connection.execute(
            sa.select(sa.func.length(event_chunks.c.payload)).where(event_chunks.c.run_id == run.id)
        )
        assert row["log_bytes"] == sum(size for (size,) in sizes)


def test_one_heartbeat_keeps_many_runs_alive(open_store: OpenStore, tmp_path: Path) -> None:
    now = [1000.0]
    store = open_store(f"sqlite:///{tmp_path / 'runs.sqlite'}", clock=lambda: now[0])
    header = Header(run_id="x", created_at="", graph="joke", provider="p", model="m", modes=("values",))
    ids = [str(number) for number in range(600)]
    for run_id in ids:
        store.begin(run_id, header, owner="", created_at=now[0])
    now[0] += LOST_AFTER_S + 1
    store.heartbeat(ids[1:])
    store.heartbeat([])
    assert Counter(row["status"] for row in store.newest(1000)) == {"Running": 599, "Lost": 1}


def test_an_unexpected_error_is_reported_without_its_words(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: RunStore) -> None:
        raise KeyError("sk-planted")

    monkeypatch.setattr(Database, "_open", broken)
    with pytest.raises(StoreUnavailable, match="KeyError") as caught:
        open_store("sqlite:///anywhere").connect()
    assert "planted" not in f"{caught.value} {caught.value.advice}"


def test_two_servers_share_one_database(open_store: OpenStore, url: str) -> None:
    first, second = open_store(url), open_store(url)
    before = first.count()
    with writing_engine(first) as (one, _), writing_engine(second) as (other, _):
        for engine in (one, other) * 5:
            a_run(engine)
    assert first.count() == second.count() == before + 10


def test_a_killed_server_loses_at_most_the_last_second(open_store: OpenStore, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    program = (
        "from graphs import GRAPHS; from streaming.core.request import RunRequest; from streaming.providers import *\n"
        "from streaming.runtime.engine import Engine; from streaming.storage.run_store import RunStore\n"
        "from streaming.storage.run_writer import RunWriter\n"
        f"writer = RunWriter(RunStore({url!r}))\n"
        "engine = Engine(on_start=writer.record)\n"
        "spec = ModelSpec(provider='scripted', pace=Pace(ttft_ms=0, tokens_per_s=50, tokens=2000))\n"
        "run = engine.start(RunRequest(graph=GRAPHS['chat'], model=spec, modes=('messages',), prompt='x'))\n"
        "for _ in run.follow(): print(run.length, run.age_s, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    last_line = ""
    for line in process.stdout:
        last_line = line
        if float(line.split()[1]) > 1.6:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    length, age = int(last_line.split()[0]), float(last_line.split()[1])
    kept = open_store(url).recording(open_store(url).newest(1)[0]["id"])
    assert kept.ended.error == "Lost"
    assert kept.length_s > age - 1.0, (length, age, len(kept.events))


def test_a_database_in_trouble_costs_no_run_and_is_tried_again(open_store: OpenStore, tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    store = open_store(f"sqlite:///{path}")
    store.connect()
    writer = RunWriter(store, every_s=60)
    with closing(Engine(on_start=writer.record)) as engine, closing(sqlite3.connect(path)) as blocker:
        blocker.execute("ALTER TABLE runs RENAME TO hidden")
        blocker.commit()
        run = a_run(engine)
        writer.flush()
        assert run.status == "Completed"
        assert "runs go on without it" in writer.trouble
        blocker.execute("ALTER TABLE hidden RENAME TO runs")
        blocker.commit()
    writer.flush()
    assert writer.trouble == ""
    assert store.recording(run.id).events == run.events


@pytest.mark.parametrize("read", [RunStore.count, lambda store: store.newest(1), lambda store: store.recording("x")])
def test_a_database_that_breaks_while_it_is_read_says_so(
    open_store: OpenStore, tmp_path: Path, read: Callable[[RunStore], object]
) -> None:
    path = tmp_path / "runs.sqlite"
    store = open_store(f"sqlite:///{path}")
    store.connect()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("ALTER TABLE runs RENAME TO hidden")
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        read(store)


@pytest.mark.parametrize(
    "url", ["sqlite:////proc/nowhere/runs.sqlite", "postgresql+psycopg://me:hunter2@127.0.0.1:1/x"]
)
def test_a_database_that_cannot_be_used_says_so_without_its_password(open_store: OpenStore, url: str) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store(url).connect()
    assert "hunter2" not in str(caught.value)
    assert caught.value.advice


def test_an_owner_narrows_the_list(open_store: OpenStore, tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'runs.sqlite'}")
    for number, (graph, owner) in enumerate([("joke", "a"), ("chat", "a"), ("joke", "b")]):
        header = Header(run_id=str(number), created_at="", graph=graph, provider="p", model="m", modes=("values",))
        store.begin(str(number), header, owner=owner, created_at=time.time() + number)
    assert [row["id"] for row in store.newest(10)] == ["2", "1", "0"]
    assert [row["id"] for row in store.newest(10, owner="a")] == ["1", "0"]
    assert os.path.exists(tmp_path / "runs.sqlite")


def test_a_database_that_cannot_be_used_is_left_alone_for_a_while(
    open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    now = [0.0]

    def broken(self: RunStore) -> None:
        tried.append(1)
        raise OSError("no space left")

    monkeypatch.setattr(Database, "_open", broken)
    store = open_store("sqlite:///nowhere", monotonic=lambda: now[0])
    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="cannot be used"):
            store.newest(1)
    assert tried == [1]
    now[0] = RETRY_AFTER_S + 1
    with pytest.raises(StoreUnavailable):
        store.newest(1)
    assert tried == [1, 1]


DAMAGE = {
    "created_at": "'yesterday'", "heartbeat_at": "x'00'", "ttft_s": "'1e999'", "e2e_s": "9e999", "chunks": "'many'",
    "header": "'{'", "gap_histogram": "'[1'", "bytes_by_mode": "'{\"values\": \"x\"}'", "request": "'{{'",
    "modes": "x'ff'",
}  # fmt: skip


@pytest.mark.parametrize("column", DAMAGE)
def test_a_damaged_row_is_named_and_hides_no_other(open_store: OpenStore, tmp_path: Path, column: str) -> None:
    path = tmp_path / "runs.sqlite"
    old_database(f"sqlite:///{path}").dispose()
    store = open_store(f"sqlite:///{path}")
    store.connect()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"UPDATE runs SET {column} = {DAMAGE[column]} WHERE id = 'ended'")
    rows = {row["id"]: row["status"] for row in store.newest(10)}
    assert set(rows) == {"ended", "running"}
    # The list reads neither of the two; JSON that is cut off is shown as missing.
    if column not in ("header", "request", "gap_histogram"):
        assert rows["ended"] == "Damaged"
    if column in ("header", "created_at"):
        with pytest.raises(BadRecording):
            store.recording("ended")


def test_a_log_that_was_cut_off_is_refused_with_a_sentence(open_store: OpenStore, tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    old_database(f"sqlite:///{path}").dispose()
    store = open_store(f"sqlite:///{path}")
    store.connect()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE event_chunks SET payload = substr(payload, 1, 20)")
    with pytest.raises(BadRecording, match="damaged"):
        store.recording("ended")


def test_a_log_that_grows_without_end_is_refused_before_it_fills_the_memory(
    open_store: OpenStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.storage.stored_run.MAX_LOG_TEXT", 1_000_000)
    path = tmp_path / "runs.sqlite"
    old_database(f"sqlite:///{path}").dispose()
    store = open_store(f"sqlite:///{path}")
    store.connect()
    bomb = zlib.compress(b"\n" * 200_000_000)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE event_chunks SET payload = ?", (bomb,))
    tracemalloc.start()
    try:
        with pytest.raises(BadRecording, match="damaged"):
            store.recording("ended")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_votes_are_those_of_their_owner(open_store: OpenStore, url: str) -> None:
    store = open_store(url)
    sides = {"faster": {"run": "a", "name": "x"}, "slower": {"run": "b", "name": "y"}}
    store.vote(**sides, owner="one")
    store.vote(**sides, owner="other")
    assert len(store.votes(owner="one")) == 1
    assert not store.votes(owner="nobody")
    assert len(store.votes()) >= 2


def test_a_vote_is_found_by_its_runs_whoever_gave_it(open_store: OpenStore, url: str) -> None:
    store = open_store(url)
    sides = {side: {"run": f"found {side}", "name": "a", "ttft_s": 0.1, "e2e_s": 1.0} for side in ("faster", "slower")}
    store.vote(**sides, owner="one")
    vote = store.vote_on(["found slower", "found faster"])
    assert vote is not None
    assert vote["faster_run"] == "found faster"
    assert store.vote_on(["found faster", "another"]) is None
