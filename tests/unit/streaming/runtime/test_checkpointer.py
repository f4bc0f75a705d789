"""Threads outlive the process that made them, in a SQLite file and in PostgreSQL."""

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiosqlite
import pytest

from graphs import GRAPHS, TECHNIQUES
from streaming.core.errors import CheckpointerUnavailable
from streaming.core.events import MODES, Ended
from streaming.core.request import Resume, RunRequest
from streaming.core.run import Run
from streaming.runtime.checkpointer import MAX_THREAD_AGE, delete_old_threads, open_checkpointer
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.graphs import QUICK, finish

APPROVAL = TECHNIQUES["approval"]


@contextmanager
def engine_on(url: str | None) -> Iterator[Engine]:
    engine = Engine(checkpointer_url=url)
    yield engine
    engine.close()


def interrupted(engine: Engine) -> Run:
    request = RunRequest(graph=APPROVAL, model=QUICK, modes=MODES, prompt="The park opens")
    run = finish(engine.start(request))
    assert run.status == "Interrupted", run.ended
    return run


def answers_of(engine: Engine, thread_id: str) -> dict[str, object]:
    thread = engine.thread(APPROVAL, thread_id)
    assert thread is not None
    said = {"review_text": {"action": "approve"}, "choose_channel": {"choice": "chat"}}
    return {question.id: said[question.node] for question in thread.end.pending}


def assert_survives(url: str) -> None:
    with engine_on(url) as before:
        thread_id = interrupted(before).thread_id
    with engine_on(url) as after:
        answers = answers_of(after, thread_id)
        assert len(answers) == 2
        resumed = RunRequest(
            graph=APPROVAL, model=QUICK, modes=MODES, thread_id=thread_id, resume=Resume(answers=answers)
        )
        assert finish(after.start(resumed)).status == "Completed"
        thread = after.thread(APPROVAL, thread_id)
        assert thread is not None
        assert thread.values["channel"] == "chat"
        assert thread.end.pending == ()


def test_an_interrupted_thread_survives_in_a_file(tmp_path: Path) -> None:
    assert_survives(f"sqlite:///{tmp_path / 'new folder' / 'threads.sqlite'}")


def test_an_interrupted_thread_survives_in_postgresql(postgres: str) -> None:
    assert_survives(postgres)
    assert_survives(postgres.replace("postgresql://", "postgresql+psycopg://"))


def test_two_engines_work_on_one_file_at_the_same_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.sqlite'}"
    with engine_on(url) as one, engine_on(url) as other:
        request = RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=("updates",), prompt="Cats")
        runs = [engine.start(request) for _ in range(10) for engine in (one, other)]
        assert [finish(run).status for run in runs] == ["Completed"] * 20


def test_an_unknown_thread_is_none(tmp_path: Path) -> None:
    with engine_on(f"sqlite:///{tmp_path / 'threads.sqlite'}") as engine:
        assert engine.thread(APPROVAL, "nobody") is None


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://lab:hunter2@host/name", "unknown kind"),
        ("postgresql://lab:hunter2@127.0.0.1:1/name", "cannot be used"),
        ("sqlite:////proc/nowhere/threads.sqlite", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_fails_the_run_with_advice_and_without_its_password(url: str, says: str) -> None:
    with engine_on(url) as engine:
        run = finish(engine.start(RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=MODES, prompt="Cats")))
    assert run.ended is not None
    assert run.ended.error == "CheckpointerUnavailable"
    assert says in run.ended.reason
    assert run.ended.advice
    assert "hunter2" not in repr(run.ended)


async def test_a_file_that_turns_out_to_be_no_database_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "threads.sqlite"
    path.write_bytes(b"no database at all, but long enough to look at" * 100)
    opened: list[aiosqlite.Connection] = []

    def connect(file: Path) -> aiosqlite.Connection:
        opened.append(aiosqlite.core.connect(file))
        return opened[-1]

    monkeypatch.setattr(aiosqlite, "connect", connect)
    with pytest.raises(CheckpointerUnavailable):
        async with open_checkpointer(f"sqlite:///{path}"):
            pass
    (connection,) = opened
    connection._thread.join(5)
    assert not connection._thread.is_alive()


@pytest.mark.parametrize("seed", range(6))
async def test_a_file_that_is_damaged_anywhere_says_what_to_do_with_it(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "threads.sqlite"
    async with open_checkpointer(f"sqlite:///{path}"):
        pass
    schema = path.read_bytes()
    start = schema.index(b"CREATE TABLE")
    damage = b"\xa7\xe1\xcc" if seed % 2 else b"\0??"
    path.write_bytes(schema[: start + 3 * seed] + damage + schema[start + 3 * seed + 3 :])
    with pytest.raises(CheckpointerUnavailable) as caught:
        async with open_checkpointer(f"sqlite:///{path}"):
            pass
    assert "Move the file away" in caught.value.advice


def test_a_database_that_does_not_answer_in_time_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*args: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("streaming.runtime.engine.LOOKUP_TIMEOUT_S", 0.1)
    monkeypatch.setattr(Engine, "_look_up", hang)
    with (
        engine_on(f"sqlite:///{tmp_path / 'threads.sqlite'}") as engine,
        pytest.raises(CheckpointerUnavailable, match="did not answer within"),
    ):
        engine.thread(APPROVAL, "anyone")


async def test_threads_without_a_checkpoint_for_a_week_are_deleted(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'threads.sqlite'}"
    with engine_on(url) as engine:
        thread_id = interrupted(engine).thread_id
        async with open_checkpointer(url) as saver:
            assert await delete_old_threads(saver) == 0
            assert await delete_old_threads(saver, now=datetime.now(UTC) + MAX_THREAD_AGE + timedelta(minutes=1)) == 1
        assert engine.thread(APPROVAL, thread_id) is None


def test_a_database_that_can_be_read_and_not_written_is_no_place_for_runs(tmp_path: Path) -> None:
    with engine_on(f"sqlite:///{tmp_path / 'threads.sqlite'}") as engine:
        assert engine.checkpointer_error(timeout_s=20) is None
        saver: Any = engine._checkpointer
        engine._submit(saver.conn.execute("PRAGMA query_only=ON")).result(timeout=20)
        assert (
            engine.checkpointer_error(timeout_s=20) == "The database of the threads failed: its file cannot be written."
        )


def run_on_file(engine: Engine) -> Ended:
    ended = finish(engine.start(RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=MODES, prompt="Cats"))).ended
    assert ended is not None
    return ended


def pragma(engine: Engine, name: str) -> int:
    async def execute() -> int:
        saver: Any = engine._checkpointer
        async with saver.conn.execute(f"PRAGMA {name}") as cursor:
            return int((await cursor.fetchone() or (0,))[0])

    return engine._submit(execute()).result(timeout=20)


def test_a_full_disk_is_said_and_runs_go_on_when_there_is_space_again(tmp_path: Path) -> None:
    with engine_on(f"sqlite:///{tmp_path / 'threads.sqlite'}") as engine:
        assert run_on_file(engine).outcome == "completed"
        pragma(engine, f"max_page_count={pragma(engine, 'page_count')}")
        full = run_on_file(engine)
        assert (full.error, full.reason) == (
            "CheckpointerUnavailable",
            "The database of the threads failed: the disk is full.",
        )
        assert "space" in full.advice
        pragma(engine, "max_page_count=1000000")
        assert run_on_file(engine).outcome == "completed"


def test_a_file_that_another_program_holds_is_said(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite"
    with engine_on(f"sqlite:///{path}") as engine:
        assert run_on_file(engine).outcome == "completed"
        pragma(engine, "busy_timeout=10")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert "another program holds its file" in run_on_file(engine).reason
            other.execute("COMMIT")
        assert run_on_file(engine).outcome == "completed"


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite"
    with engine_on(f"sqlite:///{path}") as engine:
        run_on_file(engine)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"Z" * (len(content) - 4096))
    with engine_on(f"sqlite:///{path}") as engine:
        damaged = run_on_file(engine)
    assert (damaged.error, damaged.reason) == (
        "CheckpointerUnavailable",
        "The database of the threads failed: its file is damaged.",
    )
    path.write_bytes(b"no database at all, but long enough to look at" * 100)
    with engine_on(f"sqlite:///{path}") as engine:
        assert "file is not a database" in run_on_file(engine).reason


def test_the_data_folder_is_private_and_its_files_are_whole_after_a_stop(tmp_path: Path) -> None:
    """What is only in the write-ahead file would be missing in a copy of the main one."""
    folder = tmp_path / "data"
    store = RunStore(f"sqlite:///{folder / 'runs.sqlite'}")
    writer = RunWriter(store)
    engine = Engine(checkpointer_url=f"sqlite:///{folder / 'threads.sqlite'}", on_start=writer.record)
    interrupted(engine)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    writer.flush()
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    engine.close()
    writer.close()
    store.close()
    for name, count in (("runs", "SELECT count(*) FROM event_chunks"), ("threads", "SELECT count(*) FROM writes")):
        assert not (folder / f"{name}.sqlite-wal").exists()
        copy = shutil.copy(folder / f"{name}.sqlite", tmp_path)
        with closing(sqlite3.connect(copy)) as connection:
            assert connection.execute(count).fetchone()[0] > 0, name


DAMAGES = {
    "a checkpoint that is no checkpoint": "UPDATE checkpoints SET checkpoint = x'00ff00ff'",
    "a checkpoint in an unknown form": "UPDATE checkpoints SET type = 'weird'",
    "metadata that is no JSON": "UPDATE checkpoints SET metadata = '{{{'",
    "a write that is no value": "UPDATE writes SET value = x'c1c1c1'",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_thread_keeps_no_other_thread_from_the_database(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "threads.sqlite"
    with engine_on(f"sqlite:///{path}") as before:
        damaged = interrupted(before).thread_id
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(DAMAGES[damage])
        connection.commit()
    with engine_on(f"sqlite:///{path}") as after:
        # Twice: the first one opens the database, and looks for old threads.
        for _ in range(2):
            with pytest.raises(CheckpointerUnavailable, match="saved state of this thread cannot be read"):
                after.thread(APPROVAL, damaged)
        assert interrupted(after).thread_id != damaged
        again = RunRequest(graph=APPROVAL, model=QUICK, modes=MODES, prompt="The park opens", thread_id=damaged)
        ended = finish(after.start(again)).ended
        assert ended is not None
        assert "saved state of this thread cannot be read" in ended.reason
        assert "Check the database" not in ended.advice


@pytest.mark.parametrize("content", [b"no database at all" * 1000, None])
def test_a_damaged_file_of_threads_is_said_to_be_one(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "threads.sqlite"
    with engine_on(f"sqlite:///{path}") as before:
        interrupted(before)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content is None else content)
    with engine_on(f"sqlite:///{path}") as after:
        ended = finish(after.start(RunRequest(graph=APPROVAL, model=QUICK, modes=MODES, prompt="x"))).ended
        assert ended is not None
        assert "The file for threads cannot be used" in ended.reason
        assert after.checkpointer_error(timeout_s=5) is not None


def test_remains_of_a_write_ahead_log_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite"
    with engine_on(f"sqlite:///{path}") as before:
        thread_id = interrupted(before).thread_id
    Path(f"{path}-wal").write_bytes(bytes(range(256)) * 200)
    with engine_on(f"sqlite:///{path}") as after:
        assert len(answers_of(after, thread_id)) == 2
