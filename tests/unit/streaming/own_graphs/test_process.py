"""When the process of a graph is replaced."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from streaming.core.errors import GraphFailed
from streaming.core.request import RunRequest
from streaming.own_graphs.own_graph import OWN_MODEL, OwnGraph
from streaming.own_graphs.process import GraphProcess
from streaming.own_graphs.project_files import watched
from streaming.own_graphs.sources import Source, find_sources
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.waiting import wait_until


class Loading:
    """A process that has loaded when the test says so."""

    made: list["Loading"]

    def __init__(self, source: Source) -> None:
        self.ready = threading.Event()
        self.description: dict[str, Any] | None = None
        self.trouble, self.ended, self.busy = "", False, False
        self.imported: dict[str, int | None] = {}
        self.sought = set[tuple[str, str]]()
        self.threads = set[str]()
        self.made.append(self)

    def loads(self, python: str) -> None:
        self.description = {"nodes": [], "edges": [], "subgraphs": [], "python": python}
        self.ready.set()

    def kill(self) -> None:
        self.ready.set()

    def retire(self) -> None:
        self.kill()


def test_no_sentence_follows_a_command_to_copy(tmp_path: Path) -> None:
    (tmp_path / "needs.py").write_text("import a_package_of_theirs\n")
    process = GraphProcess(find_sources(f"{tmp_path / 'needs.py'}:graph")[0])
    try:
        with pytest.raises(GraphFailed, match=r"pip install NAME$"):
            process.connection()
    finally:
        process.close()


def test_a_sentence_that_says_when_a_file_is_loaded_again_says_it_once(tmp_path: Path) -> None:
    (tmp_path / "typo.py").write_text("graph = (\n")
    process = GraphProcess(find_sources(f"{tmp_path / 'typo.py'}:graph")[0])
    try:
        with pytest.raises(GraphFailed) as raised:
            process.connection()
    finally:
        process.close()
    assert str(raised.value).lower().count("a changed file is loaded again") == 1


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Loading]]:
    monkeypatch.setattr("streaming.own_graphs.process.CHECK_S", 0.0)
    monkeypatch.setattr("streaming.own_graphs.process.Connection", Loading)
    Loading.made = []
    yield Loading.made
    for one in Loading.made:
        one.ready.set()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a graph."""
    path = tmp_path / "agent.py"
    path.write_text("graph = 1")
    return path


@pytest.fixture
def process(file: Path) -> GraphProcess:
    return GraphProcess(find_sources(f"{file}:graph")[0])


def test_all_who_wait_for_a_graph_get_it_as_its_files_are_when_it_has_loaded(
    made: list[Loading], file: Path, process: GraphProcess
) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(process.load)
        wait_until(lambda: len(made) == 1)
        os.utime(file, (1, 1))
        second = pool.submit(process.load)
        wait_until(lambda: len(made) == 2)
        made[1].loads("3.14")
        assert first.result(10).description.python == second.result(10).description.python == "3.14"


def test_after_a_crash_the_graph_is_described_at_once_while_its_next_process_starts(
    made: list[Loading], file: Path, process: GraphProcess
) -> None:
    with ThreadPoolExecutor() as pool:
        first = pool.submit(process.load)
        wait_until(lambda: len(made) == 1)
        made[0].loads("3.14")
        first.result(10)
        made[0].ended = True
        assert pool.submit(process.load).result(10).description.python == "3.14"
        assert (len(made), process.restarts) == (2, True)
        waiting = pool.submit(process.connection)
        assert not waiting.done(), "a run waits for the new process"
        made[1].loads("3.14")
        waiting.result(10)
        assert not process.restarts
        made[1].ended = True
        os.utime(file, (1, 1))
        changed = pool.submit(process.load)
        wait_until(lambda: len(made) == 3)
        assert not process.restarts, "changed code has another description"
        made[2].loads("3.15")
        assert changed.result(10).description.python == "3.15"


def test_the_files_are_looked_at_before_time_zero_of_a_run_and_not_in_it(
    made: list[Loading], process: GraphProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]

    def slowly(folder: Path) -> Iterator[tuple[str, int]]:
        now[0] += 5
        yield from watched(folder)

    # What one look has found counts for the next one.
    monkeypatch.setattr("streaming.own_graphs.process.CHECK_S", 1000.0)
    with ThreadPoolExecutor() as pool:
        loading = pool.submit(process.load)
        wait_until(lambda: len(made) == 1)
        made[0].loads("3.14")
        loading.result(10)
    monkeypatch.setattr("streaming.own_graphs.process.watched", slowly)
    process._checked_at -= 2000
    graph = OwnGraph(source=process.source, process=process)
    request = RunRequest(graph=graph, model=OWN_MODEL, prompt="bees", modes=("updates",))
    with closing(Engine(clock=lambda: now[0])) as engine:
        run = finish(engine.start(request))
    assert now[0] == 105
    assert [entry.t for entry in run.events] == [0] * run.length
