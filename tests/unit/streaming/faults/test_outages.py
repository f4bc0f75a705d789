"""The provider, the network and the database go away in the middle of a run, one after the other, and come back."""

import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from streaming.core.events import Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.faults.plan import FaultPlan
from streaming.faults.server import Endpoint, FaultServer
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.faults import run_into, spoken, three_calls
from tests.support.graphs import Source, finish
from tests.support.postgres import Forwarder, forwarded

SLOW = FaultPlan(calls=3, ttft_s=0, tokens_per_s=60)


@pytest.fixture(scope="module")
def database(postgres: str) -> Iterator[Forwarder]:
    with forwarded(postgres) as way:
        yield way


def started(engine: Engine, endpoint: Endpoint) -> Run:
    spec = ModelSpec(provider="compatible", base_url=endpoint.base_url, model="m")
    source = Source(builder=three_calls, given={"said": ""})
    return engine.start(RunRequest(graph=source, model=spec, modes=("messages",), prompt="go"), api_key="k")


def until_text(run: Run, characters: int = 30) -> str:
    """What was received when the run had said so much."""
    for batch in run.follow():
        if any(isinstance(entry.event, Token) for entry in batch):
            said = "".join(message.text for message in spoken(run))
            if len(said) >= characters:
                return said
    raise AssertionError(f"the run ended before it had said anything: {run.ended}")


def test_a_run_fails_when_its_provider_is_killed_and_the_next_one_works(engine: Engine) -> None:
    with closing(FaultServer()) as server:
        run = started(engine, server.open(SLOW))
        received = until_text(run)
    finish(run)
    assert run.ended is not None
    assert run.ended.error == "BrokenStream"
    assert spoken(run)[0].text.startswith(received)
    with closing(FaultServer()) as another:
        endpoint = another.open(FaultPlan(calls=3, ttft_s=0, tokens_per_s=4000))
        assert run_into(engine, endpoint).status == "Completed"


def test_a_run_fails_while_the_network_is_cut_and_the_next_one_works(engine: Engine, fault_server: FaultServer) -> None:
    endpoint = fault_server.open(SLOW)
    way = Forwarder(urlsplit(endpoint.base_url).port or 0)
    endpoint.base_url = f"http://127.0.0.1:{way.port}/v1"
    run = started(engine, endpoint)
    received = until_text(run)
    way.cut()
    finish(run)
    assert run.ended is not None
    assert run.ended.error == "BrokenStream"
    assert spoken(run)[0].text.startswith(received)
    dead = run_into(engine, endpoint)
    assert dead.ended is not None
    assert dead.ended.error == "Unreachable"
    way.mend()
    assert finish(started(engine, endpoint)).status == "Completed"
    way.cut()


def test_a_run_fails_while_the_database_is_cut_and_is_stored_once_it_is_back(
    database: Forwarder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.runtime.checkpointer.CONNECT_S", 0.5)
    engine = Engine(checkpointer_url=database.url)
    store = RunStore(database.url.replace("postgresql://", "postgresql+psycopg://"))
    store.connect()
    recorder = RunWriter(store)
    model = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=80))
    source = Source(builder=three_calls, given={"said": ""})

    def begin() -> Run:
        run = engine.start(RunRequest(graph=source, model=model, modes=("messages",), prompt="go"))
        recorder.record(run)
        return run

    run = begin()
    received = until_text(run)
    database.cut()
    finish(run)
    assert run.ended is not None
    assert run.ended.error == "CheckpointerUnavailable", run.ended
    assert "Check the database" in run.ended.advice
    assert spoken(run)[0].text.startswith(received)
    recorder.flush()
    assert "history of runs cannot be used" in recorder.trouble
    database.mend()
    again = begin()
    assert finish(again).status == "Completed", again.ended
    _until(lambda: store.count() == 2, recorder)
    assert recorder.trouble == ""
    assert [entry.seq for entry in store.recording(run.id).events] == list(range(run.length))
    engine.close()
    recorder.close()
    store.close()


def _until(done: object, recorder: RunWriter) -> None:
    deadline = time.monotonic() + 20
    while not done():  # type: ignore[operator]
        assert time.monotonic() < deadline
        recorder.flush()
