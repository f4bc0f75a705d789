"""A run is found after its server has ended, was killed, or while another server executes it."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from graphs import ALL, GRAPHS
from streaming.core.errors import BadRecording, StoreUnavailable, UnknownGraph
from streaming.core.events import Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Fork, Resume, RunRequest
from streaming.core.run import Run
from streaming.runtime import thread_moves
from streaming.runtime.engine import SERVER_ENDED, Engine
from streaming.runtime.known_graphs import KnownGraphs
from streaming.storage.run_finder import RunFinder
from streaming.storage.run_store import LOST_AFTER_S, RunStore
from streaming.storage.run_writer import RunWriter
from streaming.storage.schema import event_chunks, runs
from tests.support.graphs import QUICK, finish
from tests.support.postgres import empty_database

SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=40, tokens=2000))
CHAT = RunRequest(graph=GRAPHS["chat"], model=QUICK, modes=("messages",), prompt="Cats", labels={"owner": "me"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a server has of its own; the databases are shared.

    Its system's clock is `later_s` ahead, and so is its finder's monotonic clock by `silent_s`.
    """

    engine: Engine
    store: RunStore
    writer: RunWriter
    finder: RunFinder
    later_s: list[float]
    silent_s: list[float]

    def close(self) -> None:
        self.finder.close()
        self.engine.close()
        self.writer.close()
        self.store.close()


OpenServer = Callable[..., Server]


@pytest.fixture(params=["sqlite", "postgresql"])
def open_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenServer]:
    """Opens servers on one database, by default with the app's graphs."""
    runs_url, threads_url = (f"sqlite:///{tmp_path / name}.sqlite" for name in ("runs", "threads"))
    with ExitStack() as stack:
        if request.param == "postgresql":
            threads_url = stack.enter_context(empty_database(request.getfixturevalue("postgres")))
            runs_url = threads_url.replace("postgresql://", "postgresql+psycopg://")

        def open_one(graphs: object = ALL) -> Server:
            later_s = [0.0]
            store = RunStore(runs_url, clock=lambda: time.time() + later_s[0])
            writer = RunWriter(store, every_s=0.02)
            engine = Engine(checkpointer_url=threads_url, on_start=writer.record)
            known = KnownGraphs()
            known.load_by(lambda: graphs)  # type: ignore[arg-type, return-value]
            silent_s = [0.0]
            finder = RunFinder(store, engine, known, poll_s=0.02, monotonic=lambda: time.monotonic() + silent_s[0])
            server = Server(
                engine=engine, store=store, writer=writer, finder=finder, later_s=later_s, silent_s=silent_s
            )
            stack.enter_context(closing(server))
            return server

        yield open_one


def spoken(run: Run) -> str:
    return "".join(entry.event.text for entry in run.events if isinstance(entry.event, Token))


def wait_for_tokens(run: Run, count: int) -> None:
    for _ in run.follow():
        if run.length > count:
            return


def test_a_run_of_an_earlier_server_is_found_with_its_request_and_every_event(open_server: OpenServer) -> None:
    first = open_server()
    run = finish(first.engine.start(CHAT))
    second_turn = finish(first.engine.start(thread_moves.next_turn(run, CHAT, prompt="And dogs")))
    first.close()
    server = open_server()
    found = server.finder.find(second_turn.id)
    assert found is not None
    assert found.stored
    assert found is server.finder.find(second_turn.id) is server.engine.get(second_turn.id)
    assert found.events == second_turn.events
    assert (found.thread_id, found.owner, found.status) == (run.thread_id, "me", "Completed")
    assert found.created_at == second_turn.created_at
    unlike = {"graph", "limits", "retry_policy", "fallback_model"}
    for name in set(RunRequest.__dataclass_fields__) - unlike:
        assert getattr(found.request, name) == getattr(second_turn.request, name), name
    assert found.request.graph.module == "graphs.chat"
    assert [turn.id for turn in server.engine.registry.turns(found)] == [run.id, second_turn.id]
    third = finish(server.engine.start(thread_moves.next_turn(found, CHAT, prompt="And birds")))
    assert third.status == "Completed"
    assert server.engine.registry.newest_after(found) is third


def test_moves_and_partial_answers_of_a_request_are_found_again(open_server: OpenServer) -> None:
    first = open_server()
    request = replace(
        CHAT,
        model=ModelSpec(provider="compatible", model="small", base_url="http://me:secret@127.0.0.1:1/v1"),
        fork=Fork(checkpoint_id="there", step=2, edits={"topic": ["tea"]}),
        resume=Resume(
            answers={"q": {"action": "edit"}},
            partial_answers={"write": PartialAnswer(text="Half", continues=True)},
            expects="here",
        ),
        context={"order": "gather"},
        interrupt_before=("write",),
        replaces_run_id="first",
        prompt="",
    )
    run = finish(first.engine.start(request))
    first.close()
    found = open_server().finder.find(run.id)
    assert found is not None
    for name in ("fork", "resume", "context", "interrupt_before", "replaces_run_id"):
        assert getattr(found.request, name) == getattr(request, name), name
    assert (found.request.model.model, found.request.model.base_url) == ("small", "http://127.0.0.1:1/v1")


def test_a_run_that_a_stopped_server_broke_off_tells_so_and_can_be_continued(open_server: OpenServer) -> None:
    first = open_server()
    run = first.engine.start(replace(CHAT, model=SLOW))
    wait_for_tokens(run, 30)
    first.close()
    server = open_server()
    found = server.finder.find(run.id)
    assert found is not None
    assert found.ended is not None
    assert found.status == "Cancelled"
    assert found.ended.reason.startswith(SERVER_ENDED)
    assert found.ended.cut
    assert server.engine.has_thread(found.request.graph, found.thread_id)
    [node] = {entry.event.node for entry in found.events if isinstance(entry.event, Token)}
    kept = PartialAnswer(text=spoken(found), continues=False)
    again = thread_moves.retry(found, CHAT, partial_answers={node: kept})
    assert finish(server.engine.start(again)).status == "Completed"


def test_a_run_of_a_killed_server_ends_as_lost_with_what_can_be_continued(open_server: OpenServer) -> None:
    killed = open_server()
    run = killed.engine.start(replace(CHAT, model=SLOW))
    wait_for_tokens(run, 30)
    killed.writer.flush()
    server = open_server()
    server.later_s[0] = LOST_AFTER_S + 60
    found = server.finder.find(run.id)
    assert found is not None
    assert found.ended is not None
    assert (found.status, found.ended.error) == ("Failed", "Lost")
    assert "The server ended while the run went on" in found.ended.reason
    assert run.events[: found.length - 1] == found.events[:-1]
    assert found.length > 30
    assert found.ended.cut, "the answer can be continued"
    assert found.ended.next


def test_a_run_that_another_server_executes_is_followed_to_its_end(open_server: OpenServer) -> None:
    other = open_server()
    run = other.engine.start(replace(CHAT, model=replace(SLOW, pace=replace(SLOW.pace, tokens=60))))
    wait_for_tokens(run, 10)
    other.writer.flush()
    found = open_server().finder.find(run.id)
    assert found is not None
    assert found.ended is None
    assert finish(found).status == "Completed"
    assert found.events == finish(run).events


@pytest.mark.parametrize("jump_s", [3600, -3600])
def test_a_run_is_followed_to_its_end_when_the_clock_is_set_or_differs(open_server: OpenServer, jump_s: float) -> None:
    other = open_server()
    run = other.engine.start(replace(CHAT, model=replace(SLOW, pace=replace(SLOW.pace, tokens=60))))
    wait_for_tokens(run, 10)
    other.writer.flush()
    server = open_server()
    found = server.finder.find(run.id)
    assert found is not None
    server.later_s[0] = jump_s
    assert finish(found).status == "Completed"
    assert found.events == finish(run).events


def test_a_followed_run_whose_server_is_killed_ends_as_lost(
    open_server: OpenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = open_server()
    run = killed.engine.start(replace(CHAT, model=SLOW))
    wait_for_tokens(run, 10)
    killed.writer.flush()
    server = open_server()
    found = server.finder.find(run.id)
    assert found is not None
    assert found.status == "Running"
    monkeypatch.setattr(killed.writer, "flush", Mock())
    server.silent_s[0] = LOST_AFTER_S + 60
    assert finish(found).status == "Failed"


def test_what_is_not_stored_or_not_readable_is_told(open_server: OpenServer) -> None:
    first = open_server()
    dropped, damaged, odd = (finish(first.engine.start(CHAT)) for _ in range(3))
    first.close()
    server = open_server()
    assert server.finder.find("guess") is None
    assert server.finder.find("") is None
    assert server.finder.find("x" * 100_000) is None
    with server.store.connect().begin() as connection:
        connection.execute(sa.delete(event_chunks).where(event_chunks.c.run_id == dropped.id))
        connection.execute(sa.update(event_chunks).where(event_chunks.c.run_id == damaged.id).values(payload=b"?"))
        connection.execute(sa.update(runs).where(runs.c.id == odd.id).values(request={"fork": {"who": 1}}))
    for run, says in ((dropped, "dropped"), (damaged, "damaged"), (odd, "damaged")):
        with pytest.raises(BadRecording, match=says):
            server.finder.find(run.id)


@pytest.mark.parametrize("open_server", ["sqlite"], indirect=True)
def test_a_file_that_is_no_database_is_told(open_server: OpenServer, tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite").write_bytes(b"no database at all, but long enough to look at" * 100)
    with pytest.raises(StoreUnavailable):
        open_server().finder.find("guess")


def test_a_run_whose_graph_is_gone_can_be_read(open_server: OpenServer) -> None:
    killed = open_server()
    run = killed.engine.start(replace(CHAT, model=SLOW))
    wait_for_tokens(run, 10)
    killed.writer.flush()
    server = open_server(graphs=())
    server.later_s[0] = LOST_AFTER_S + 60
    found = server.finder.find(run.id)
    assert found is not None
    assert found.status == "Failed"
    with pytest.raises(UnknownGraph):
        _ = found.request.graph.module


def test_all_versions_of_a_turn_are_found_again_from_any_of_them(open_server: OpenServer) -> None:
    first = open_server()
    original = finish(first.engine.start(CHAT))
    versions = [original]
    for _ in range(3):
        versions.append(finish(first.engine.start(replace(CHAT, replaces_run_id=original.id))))
    finish(first.engine.start(thread_moves.next_turn(original, CHAT, prompt="And dogs")))
    first.close()
    for linked in (original, versions[2]):
        server = open_server()
        found = server.finder.find(linked.id)
        assert found is not None
        assert [run.id for run in server.engine.registry.versions(found)] == [run.id for run in versions]
        server.close()
