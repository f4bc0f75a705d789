"""Ids and texts that strangers write: no id finds another's run, no text keeps a run out of the database."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from graphs import GRAPHS
from streaming.core.events import MODES
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.runtime.engine import Engine
from streaming.runtime.known_graphs import KnownGraphs
from streaming.storage.run_finder import RunFinder
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.graphs import QUICK, finish
from tests.support.provider_runs import compatible
from tests.support.raw_faults import FAULTS
from tests.support.raw_provider import scripted_socket

Server = tuple[Engine, RunStore, RunWriter]


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """An engine and its history on one database."""
    url, threads = f"sqlite:///{tmp_path / 'runs.sqlite'}", f"sqlite:///{tmp_path / 'threads.sqlite'}"
    if request.param == "postgresql":
        threads = str(request.getfixturevalue("postgres"))
        url = threads.replace("postgresql://", "postgresql+psycopg://")
    with (
        closing(RunStore(url)) as store,
        closing(RunWriter(store, every_s=0.02)) as writer,
        closing(Engine(checkpointer_url=threads, on_start=writer.record)) as engine,
    ):
        yield engine, store, writer


def stored(server: Server, request: RunRequest) -> Run:
    """A run that is in the history."""
    engine, _, writer = server
    run = finish(engine.start(request))
    writer.flush()
    return run


OTHERS: list[Callable[[str], str]] = [
    lambda run_id: run_id[:-1],
    lambda run_id: f"{run_id}x",
    lambda run_id: f"{run_id}\0",
    lambda run_id: f" {run_id}",
    lambda run_id: run_id[::-1],
    lambda run_id: f"{run_id[:8]}%",
    lambda run_id: "%",
    lambda run_id: "_" * len(run_id),
    lambda run_id: "\ud800",
    lambda run_id: "\0",
    lambda run_id: "' OR '1'='1",
    lambda run_id: f"{run_id}/../{run_id}",
    lambda run_id: run_id * 9,
    lambda run_id: "",
]


def test_only_the_id_of_a_run_finds_it(server: Server) -> None:
    run = stored(server, RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=MODES, prompt="Of Ada"))
    with closing(Engine()) as another, closing(RunFinder(server[1], another, KnownGraphs())) as finder:
        assert [finder.find(change(run.id)) for change in OTHERS] == [None] * len(OTHERS)
        found = finder.find(run.id)
        assert found is not None
        assert found.request.prompt == "Of Ada"


def test_each_owner_has_the_own_runs_and_votes(server: Server) -> None:
    store = server[1]
    owners = ("ada", "ADA", "ada ", "%", "___")
    for owner in owners:
        stored(server, RunRequest(graph=GRAPHS["joke"], model=QUICK, prompt="x", modes=MODES, labels={"owner": owner}))
        store.vote(faster={"run": "a", "name": owner}, slower={"run": "b", "name": "z"}, owner=owner)
    for owner in owners:
        assert store.count(owner=owner) == 1
        assert [row["owner"] for row in store.newest(9, owner=owner)] == [owner]
        assert [vote["faster"] for vote in store.votes(owner=owner)] == [owner]


@pytest.mark.parametrize("name", ["zero bytes", "half of a surrogate pair", "terminal codes"])
@pytest.mark.parametrize("prompt", ["plain", "a zero \0 byte \x1b[2J"])
def test_a_run_of_odd_text_is_stored_as_it_is(server: Server, name: str, prompt: str) -> None:
    with scripted_socket(FAULTS[name](b"")) as provider:
        model = compatible(provider.base_url)
        run = stored(server, RunRequest(graph=GRAPHS["joke"], model=model, modes=MODES, prompt=prompt))
    assert run.status == "Completed", run.ended
    assert server[1].recording(run.id).events == run.events
    assert server[0].thread(run.request.graph, run.thread_id) is not None


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("usage")])
def test_a_run_with_an_odd_count_of_tokens_is_stored_without_it(server: Server, name: str) -> None:
    with scripted_socket(FAULTS[name](b"")) as provider:
        run = stored(
            server, RunRequest(graph=GRAPHS["joke"], model=compatible(provider.base_url), modes=MODES, prompt="x")
        )
    assert run.status == "Completed", run.ended
    [row] = (row for row in server[1].newest(99) if row["id"] == run.id)
    assert row["status"] == "Completed"
    assert row["output_tokens"] in (None, 2)


def test_a_sum_that_a_database_has_no_room_for_keeps_no_run_out_of_it(server: Server) -> None:
    run = stored(server, RunRequest(graph=GRAPHS["joke"], model=QUICK, modes=MODES, prompt="x"))
    metrics = replace(apply_all(MetricsCollector(), run.events).metrics(), output_tokens=2**31, bytes=2**70)
    server[1].append(run.id, 99, [], metrics)
    [row] = (row for row in server[1].newest(99) if row["id"] == run.id)
    assert (row["status"], row["output_tokens"], row["bytes"]) == ("Completed", None, None)


def test_a_refused_run_with_a_number_beyond_a_database_is_in_the_history(server: Server) -> None:
    model = replace(QUICK, max_tokens=10**30)
    run = stored(server, RunRequest(graph=GRAPHS["joke"], model=model, modes=MODES, prompt="x"))
    assert run.status == "Failed"
    [row] = (row for row in server[1].newest(99) if row["id"] == run.id)
    assert (row["status"], row["max_tokens"]) == ("Failed", None)
