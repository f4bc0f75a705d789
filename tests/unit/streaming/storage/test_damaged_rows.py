"""Whatever lies in a row of the history: the other runs are listed, and nothing fails without a reason."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from graphs import ALL
from streaming.core.errors import LabError
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import recording_of
from streaming.runtime.engine import Engine
from streaming.runtime.known_graphs import KnownGraphs
from streaming.storage.run_finder import RunFinder
from streaming.storage.run_store import RunStore
from streaming.storage.schema import runs
from streaming.storage.stored_request import dump_request
from tests.support.recordings import run_of

_OF_WHOLE = "WHERE run_id = 'whole'"
ODD = (None, "", "abc", b"\xff\0", -1, 2**62, 1e300, "nan", "[]", '{"a": 1}', "null", "9" * 5000, '{"a":' * 2000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history with one run."""
    folder = tmp_path_factory.mktemp("history")
    run = run_of("joke")
    recording = recording_of(run)
    with closing(RunStore(f"sqlite:///{folder}/runs.sqlite")) as store:
        store.begin("whole", recording.header, owner="ada", created_at=1.0, request=dump_request(run.request))
        store.append("whole", 0, recording.events, apply_all(MetricsCollector(), recording.events).metrics())
    return folder


@pytest.fixture(scope="module")
def finder(folder: Path) -> Iterator[RunFinder]:
    """Finds the runs of that history."""
    graphs = KnownGraphs()
    graphs.load_by(lambda: ALL)
    with (
        closing(RunStore(f"sqlite:///{folder}/runs.sqlite")) as store,
        closing(Engine()) as engine,
        closing(RunFinder(store, engine, graphs)) as finder,
    ):
        yield finder


@pytest.mark.parametrize("column", [column.name for column in runs.c if column.name != "id"])
def test_a_damaged_value_in_any_column_is_told_or_left_out(folder: Path, finder: RunFinder, column: str) -> None:
    store = finder._store
    with closing(sqlite3.connect(folder / "runs.sqlite", isolation_level=None)) as file:
        for number, value in enumerate(ODD):
            name = f"{column}-{number}"
            names = ", ".join(f'"{one.name}"' for one in runs.c if one.name != "id")
            file.execute(f"INSERT INTO runs (id, {names}) SELECT ?, {names} FROM runs WHERE id = 'whole'", (name,))
            file.execute(
                "INSERT INTO event_chunks SELECT ?, part, payload FROM event_chunks WHERE run_id = 'whole'", (name,)
            )
            file.execute("UPDATE runs SET status = 'Running' WHERE id = ?", (name,))
            with suppress(sqlite3.IntegrityError):  # not every column takes nothing
                file.execute(f'UPDATE runs SET "{column}" = ? WHERE id = ?', (value, name))
            with suppress(LabError):
                store.recording(name)
            with suppress(LabError):
                finder.find(name)
            assert {"whole", name} <= {row["id"] for row in store.newest(9)}
            store.drop_old_logs()
            file.execute("DELETE FROM event_chunks WHERE run_id = ?", (name,))
            file.execute("DELETE FROM runs WHERE id = ?", (name,))
