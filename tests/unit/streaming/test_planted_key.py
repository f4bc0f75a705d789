"""A key that is planted in a session is looked for wherever a run leaves a trace."""

import asyncio
import io
import json
import sqlite3
import traceback
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from components.features.report import html_report
from streaming.analysis.code_snippet import python_script
from streaming.core.events import MODES
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.observability.exporter import Telemetry
from streaming.observability.logs import logger
from streaming.providers.factory import open_model
from streaming.recordings.format import dump_recording, recording_of
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.faults import three_calls
from tests.support.graphs import Source, finish
from tests.support.provider_servers import answering, dead_endpoint, flaky

KEY = "a-planted-key-that-looks-like-nothing-known-42"
ECHO = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}.", "type": "x", "code": "y"}})

PIECE = {"index": 0, "delta": {"content": "It is"}, "finish_reason": None}
BEGUN = f"data: {json.dumps({'id': '1', 'object': 'chat.completion.chunk', 'model': 'm', 'choices': [PIECE]})}\n\n"


def run_with_key(engine: Engine, base_url: str) -> Run:
    request = RunRequest(
        graph=Source(builder=three_calls, given={"said": ""}),
        model=ModelSpec(provider="compatible", base_url=base_url, model="m"),
        modes=MODES,
        prompt="go",
    )
    return finish(engine.start(request, api_key=KEY))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the threads of the runs are kept."""
    return tmp_path_factory.mktemp("threads")


@pytest.fixture(scope="module")
def runs(folder: Path) -> Iterator[list[Run]]:
    """A run that went well, one that could not connect, and four whose provider repeats the key to whoever asks."""
    with closing(Engine(checkpointer_url=f"sqlite:///{folder / 'threads.sqlite'}")) as engine:
        # It stays open: closing it deletes the threads.
        yield _runs(engine)


def _runs(engine: Engine) -> list[Run]:
    with flaky() as good, answering(401, ECHO) as refused, answering(500, ECHO) as broken:
        found = [run_with_key(engine, url) for url in (good, dead_endpoint(), refused, broken)]
    for stream in (f"data: {ECHO}\n\n", f"{BEGUN}data: {ECHO}\n\n"):
        with answering(200, stream, content_type="text/event-stream") as in_the_stream:
            found.append(run_with_key(engine, in_the_stream))
    assert [run.status for run in found] == ["Completed", *["Failed"] * 5]
    return found


def test_it_is_in_no_event_and_no_error(runs: list[Run]) -> None:
    for run in runs:
        assert KEY not in repr(run.events)
        assert KEY not in repr(run.request)
        assert KEY not in repr(run.__dict__)


def test_it_is_in_no_export(runs: list[Run]) -> None:
    for run in runs:
        recording = recording_of(run)
        assert KEY.encode() not in dump_recording(recording)
        assert KEY not in html_report(recording)
        assert KEY not in python_script(run.request)


def test_it_is_in_no_file_of_the_database(runs: list[Run], tmp_path: Path) -> None:
    file = tmp_path / "runs.sqlite"
    store = RunStore(f"sqlite:///{file}")
    recorder = RunWriter(store)
    for run in runs:
        recorder.record(run)
    recorder.flush()
    recorder.close()
    store.close()
    for written in tmp_path.iterdir():
        assert KEY.encode() not in written.read_bytes()
    with closing(sqlite3.connect(file)) as connection:
        logs = [row[0] for row in connection.execute("select payload from event_chunks")]
    assert logs
    for log in logs:
        assert KEY.encode() not in zlib.decompress(log)


def test_it_is_in_no_file_of_the_threads(runs: list[Run], folder: Path) -> None:
    files = [file.read_bytes() for file in folder.iterdir()]
    assert any(b"__error__" in written for written in files), "the errors of the nodes are there"
    for written in files:
        assert KEY.encode() not in written


@pytest.mark.parametrize("form", ["console", "json"])
def test_it_is_in_no_log(runs: list[Run], form: str) -> None:
    file = io.StringIO()
    telemetry = Telemetry(log=logger(form, file))
    for run in runs:
        telemetry.record(run)
    assert file.getvalue().count("\n") >= len(runs)
    assert KEY not in file.getvalue()


def test_it_is_in_no_traceback() -> None:
    async def ask() -> None:
        model = await open_model(ModelSpec(provider="compatible", base_url=dead_endpoint(), model="m"), api_key=KEY)
        await model.ainvoke("x")

    with pytest.raises(Exception, match="Connection") as caught:
        asyncio.run(ask())
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert KEY not in shown
