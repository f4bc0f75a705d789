"""Two servers on one database: what one of them executes can be followed and stopped on the other."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient
from websockets.asyncio.client import connect

from graphs import GRAPHS
from streaming.core.events import Ended
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http.routes import api_routes
from streaming.live.folding import empty_view, fold
from streaming.recordings.format import dump_event
from streaming.services import Services
from tests.support.graphs import finish
from tests.support.services import Configure
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[4]
SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=40, tokens=2000))
SHORT = replace(SLOW, pace=replace(SLOW.pace, tokens=60))
CHAT = RunRequest(graph=GRAPHS["chat"], model=SLOW, modes=("messages", "updates"), prompt="Cats")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replicas:
    """The server that executes the runs, and another one with the same database."""

    executing: Services
    other: Services

    def start(self, request: RunRequest) -> tuple[Run, Run]:
        """A run, and the same one as the other server finds it."""
        run = self.executing.engine.start(request)
        found: list[Run] = []

        def look() -> bool:
            found.extend(filter(None, [self.other.run_finder.find(run.id)]))
            return bool(found)

        wait_until(look)
        return run, found[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def replicas(request: pytest.FixtureRequest, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Replicas:
    if request.param == "postgresql":
        monkeypatch.setenv("DATABASE_URL", str(request.getfixturevalue("postgres")))
    return Replicas(executing=configure(), other=configure())


@contextmanager
def serving(services: Services) -> Iterator[str]:
    config = uvicorn.Config(
        Starlette(routes=list(api_routes(services))), port=0, log_level="error", ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_a_live_run_is_shown_as_running_on_the_other_server_and_followed_to_its_end(replicas: Replicas) -> None:
    run, found = replicas.start(replace(CHAT, model=SHORT))
    assert (found.stored, found.status) == (True, "Running")
    [row] = replicas.other.run_store.newest(1)
    assert row["status"] == "Running"
    assert finish(found).status == "Completed"
    assert found.events == finish(run).events


async def test_server_sent_events_and_the_socket_of_the_other_server_carry_the_live_run(replicas: Replicas) -> None:
    run = replicas.executing.engine.start(replace(CHAT, model=SHORT))
    with serving(replicas.other) as address:
        await asyncio.to_thread(wait_until, lambda: replicas.other.run_finder.find(run.id) is not None)
        async with connect(f"ws://{address}/api/live", compression=None) as socket:
            await socket.send(json.dumps({"follow": run.id}))
            async with httpx.AsyncClient(timeout=30) as client:
                events = await client.get(f"http://{address}/api/runs/{run.id}/events")
            view = empty_view()
            while not view.get("over"):
                message = json.loads(await socket.recv())
                fold(view, message.get("p", []))
    lines = [line.removeprefix("data: ") for line in events.text.splitlines() if line.startswith("data: ")]
    assert lines == [dump_event(entry).decode() for entry in run.events]
    assert view["run"]["status"] == run.status == "Completed"


@pytest.mark.parametrize("way", ["cancel", "drain"])
def test_stop_on_the_other_server_stops_the_run(replicas: Replicas, way: str) -> None:
    run, found = replicas.start(CHAT if way == "cancel" else replace(CHAT, model=SHORT))
    (found.cancel if way == "cancel" else found.drain)()
    ended = finish(run).ended
    assert ended is not None
    if way == "cancel":
        assert (run.status, ended.reason) == ("Cancelled", "Stopped. What had arrived by then is kept.")
    assert finish(found).ended == ended


def test_stop_over_http_reaches_the_server_that_executes_the_run(replicas: Replicas) -> None:
    run, _ = replicas.start(CHAT)
    with TestClient(Starlette(routes=api_routes(replicas.other))) as client:
        assert client.delete(f"/api/runs/{run.id}").status_code == 202
    assert finish(run).status == "Cancelled"


@pytest.mark.parametrize("replicas", ["postgresql"], indirect=True)
def test_a_run_is_followed_and_stopped_in_another_process(replicas: Replicas) -> None:
    environment = {**os.environ, "STREAMING_LAB_DATA_DIR": str(replicas.executing.settings.data_dir)}
    command = [sys.executable, "-m", "tests.support.replica"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{process.stdout.readline().strip()}/api/runs"
        run = replicas.executing.engine.start(CHAT)
        wait_until(lambda: httpx.get(f"{address}/{run.id}").status_code == 200)
        seen = []
        with httpx.stream("GET", f"{address}/{run.id}/events", timeout=30) as events:
            for line in events.iter_lines():
                if not line.startswith("data: "):
                    continue
                seen.append(line.removeprefix("data: "))
                if len(seen) == 5:
                    assert httpx.delete(f"{address}/{run.id}").status_code == 202
        process.terminate()
    assert finish(run).status == "Cancelled"
    assert seen == [dump_event(entry).decode() for entry in run.events]


def test_a_follower_on_the_other_server_keeps_the_run_from_ending_by_its_grace_time(
    replicas: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.storage.run_finder.NOTE_FOLLOWERS_EVERY_S", 0.1)
    run, found = replicas.start(replace(CHAT, limits=Limits(grace_s=3.0)))
    noted_since = time.monotonic()
    for _ in found.follow():
        if time.monotonic() - noted_since > 6:
            break
    assert run.ended is None, "followed on the other server for twice its grace time"
    assert finish_alone(run).reason == "The run had no follower for 3 s."


def finish_alone(run: Run) -> Ended:
    """The end of the run without following it."""
    wait_until(lambda: run.ended is not None)
    assert run.ended is not None
    return run.ended


def test_a_server_that_closes_leaves_the_runs_of_the_other_one_alone(replicas: Replicas) -> None:
    run, found = replicas.start(replace(CHAT, model=SHORT))
    replicas.other.close()
    assert found.ended is None
    assert finish(run).status == "Completed"
