"""Runs on a real `langgraph dev`, which `make test-remote` installs."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from streaming.core.events import MODES, CheckpointSaved, Notice, Started, TaskStarted, Token
from streaming.core.model_spec import ModelSpec
from streaming.core.request import Fork, Resume, RunRequest
from streaming.core.run import Run
from streaming.projections.metrics import MetricsCollector
from streaming.remote_graphs.catalogue import RemoteGraphs
from streaming.remote_graphs.servers import named_servers
from streaming.remote_graphs.sources import RemoteGraphSource
from streaming.runtime.engine import Engine
from tests.support.app_server import free_port
from tests.support.graphs import events_of, finish
from tests.support.postgres import Forwarder
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[4]
COMMANDED = ROOT / "tests" / "support" / "own_graphs" / "commanded.py"
LANGGRAPH = ROOT / ".venv-server" / "bin" / "langgraph"
MODEL = ModelSpec(provider="scripted")

pytestmark = [
    pytest.mark.langgraph_server,
    pytest.mark.skipif(not LANGGRAPH.exists(), reason="no LangGraph Server is installed: make test-remote"),
]

Graphs = dict[str, RemoteGraphSource]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("server")
    port, log, settings = free_port(), folder / "log", folder / "langgraph.json"
    settings.write_text(json.dumps(_settings()))
    command = [str(LANGGRAPH), "dev", "--config", str(settings), "--no-browser", "--no-reload", "--port", str(port)]
    environment = {**os.environ, "LANGSMITH_TRACING": "false", "LANGGRAPH_CLI_NO_ANALYTICS": "1"}
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

        def up() -> bool:
            if server.poll() is not None:
                pytest.skip(f"langgraph dev cannot be started here: {log.read_text()[-300:]}")
            try:
                return httpx.get(f"http://127.0.0.1:{port}/ok").is_success
            except httpx.HTTPError:
                return False

        try:
            wait_until(up, timeout_s=90)
            yield port
        finally:
            server.terminate()
            server.wait(timeout=20)


def _settings() -> dict[str, Any]:
    """Those of this repository, with a graph of the tests."""
    settings = json.loads((ROOT / "langgraph.json").read_text())
    ours = {name: {**graph, "path": str(ROOT / graph["path"])} for name, graph in settings["graphs"].items()}
    return {**settings, "dependencies": [str(ROOT)], "graphs": {**ours, "commanded": f"{COMMANDED}:graph"}}


def graphs_at(port: int) -> Graphs:
    found = RemoteGraphs(named_servers(f"http://127.0.0.1:{port}")).found()
    assert not found.troubles
    return {graph.graph_id: graph for graph in found.graphs}


@pytest.fixture(scope="module")
def graphs(port: int) -> Graphs:
    return graphs_at(port)


def start(engine: Engine, graph: RemoteGraphSource, **options: Any) -> Run:
    values = {"modes": MODES, "prompt": "Cats", **options}
    return engine.start(RunRequest(graph=graph, model=MODEL, **values))


def test_every_graph_is_listed_with_its_fields(graphs: Graphs) -> None:
    assert set(graphs) >= {"joke", "chat", "research", "approval"}
    assert graphs["joke"].to_input("Cats") == {"topic": "Cats"}
    assert graphs["chat"].multi_turn
    assert ("plan", "read", False) in graphs["research"].edges


def test_all_modes_and_subgraphs_arrive_and_the_wait_for_the_server_is_apart_from_the_ttft(
    engine: Engine, graphs: Graphs
) -> None:
    run = finish(start(engine, graphs["research"]))
    assert run.status == "Completed"
    assert {entry.event.kind for entry in run.events} >= set(MODES) - {"tools"}
    assert any(isinstance(entry.event, Token) and len(entry.event.ns) == 2 for entry in run.events)
    collector = MetricsCollector()
    for entry in run.events:
        collector.apply(entry)
    metrics = collector.metrics()
    started = next(entry for entry in run.events if isinstance(entry.event, Started))
    assert metrics.wait_s == pytest.approx(started.t)
    assert metrics.wait_s is not None
    assert metrics.ttft_s is not None
    assert 0 < metrics.wait_s < metrics.ttft_s


def test_an_interrupted_run_is_answered_there(engine: Engine, graphs: Graphs) -> None:
    asked = finish(start(engine, graphs["approval"]))
    assert asked.ended is not None
    assert asked.status == "Interrupted"
    answers = {
        question.id: {"action": "approve"} if "draft" in question.value else "mail" for question in asked.ended.pending
    }
    resume = Resume(answers=answers, expects=asked.ended.checkpoint_id)
    answered = finish(
        start(engine, graphs["approval"], thread_id=asked.thread_id, previous_run_id=asked.id, resume=resume)
    )
    assert answered.status == "Completed"


def test_a_fork_with_an_edit_goes_on_to_where_a_command_led(engine: Engine, graphs: Graphs) -> None:
    run = finish(start(engine, graphs["commanded"], input={"topic": "cats"}))
    point = next(event for event in events_of(run, CheckpointSaved) if "write" in event.next)
    for edits, topic in (({"topic": "dogs"}, "dogs"), ({}, "cats")):
        fork = Fork(checkpoint_id=point.checkpoint_id, step=point.step, edits=edits)
        forked = finish(start(engine, graphs["commanded"], thread_id=run.thread_id, fork=fork))
        assert forked.status == "Completed", forked.ended
        begun = {event.node: event.input["topic"] for event in events_of(forked, TaskStarted)}
        assert begun == {"write": topic, "note": "birds"}


def test_a_conversation_goes_on_in_its_thread(engine: Engine, graphs: Graphs, port: int) -> None:
    first = finish(start(engine, graphs["chat"], modes=("messages",)))
    second = finish(start(engine, graphs["chat"], modes=("values",), thread_id=first.thread_id))
    last = [entry.event for entry in second.events if entry.event.kind == "values"][-1]
    assert len(last.fields["messages"]) == 4  # type: ignore[union-attr]
    threads = RemoteGraphs(graphs_servers(port)).threads(graphs["chat"])
    assert threads[0].id == first.thread_id


def graphs_servers(port: int) -> Any:
    return named_servers(f"http://127.0.0.1:{port}")


def test_stop_ends_the_run_on_the_server(engine: Engine, graphs: Graphs, port: int) -> None:
    run = start(engine, graphs["joke"], modes=("messages",))
    wait_until(lambda: any(isinstance(entry.event, Token) for entry in run.events))
    run.cancel()
    assert finish(run).status == "Cancelled"
    [there] = httpx.get(f"http://127.0.0.1:{port}/threads/{run.thread_id}/runs").json()
    assert there["status"] == "interrupted"


def test_a_run_whose_connection_is_cut_is_joined_and_loses_no_word(engine: Engine, port: int) -> None:
    line = Forwarder(port)
    try:
        run = start(engine, graphs_at(line.port)["chat"], modes=("messages", "values"))
        wait_until(lambda: sum(isinstance(entry.event, Token) for entry in run.events) > 10)
        line.cut()
        line.mend()
        finish(run)
    finally:
        line.cut()
    assert run.status == "Completed"
    assert any(isinstance(entry.event, Notice) and "Joining it again" in entry.event.text for entry in run.events)
    said = "".join(
        entry.event.text for entry in run.events if isinstance(entry.event, Token) and entry.event.role == "ai"
    )
    last = [entry.event for entry in run.events if entry.event.kind == "values"][-1]
    assert last.fields["messages"][-1]["content"] == said  # type: ignore[union-attr]
