"""The embedded model's process: started once, watched, restarted, gone with its parent."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module

import httpx
import pytest

from graphs import GRAPHS
from streaming import Lab, RunRequest
from streaming.errors import ModelCrashed, ModelMissing
from streaming.events import Token
from streaming.models import LocalServer, ModelSpec, check_connection, installed, local, local_server, open_model
from streaming.models.local_child import threads
from tests.unit.streaming.graphs_for_tests import finish
from tests.unit.streaming.models.servers import embedded

needs_model = [
    pytest.mark.local_model,
    pytest.mark.skipif(not installed(), reason="the embedded model is not installed: make model"),
]

FAKE = (
    "import sys, json; sys.stdin.readline(); print(json.dumps({'address': 'http://x'}), flush=True); sys.stdin.read()"
)


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        threading.Event().wait(0.02)


@pytest.fixture
def fake() -> Iterator[LocalServer]:
    server = LocalServer([sys.executable, "-c", FAKE])
    yield server
    server.stop()


async def test_starting_twice_starts_one_process(fake: LocalServer) -> None:
    await fake.wait_ready()
    pid = fake.pid
    await fake.wait_ready()
    assert (fake.state, fake.pid, fake.address, fake.restarts) == ("ready", pid, "http://x", 0)


async def test_a_dead_process_is_noticed_and_replaced_with_a_notice(fake: LocalServer) -> None:
    await fake.wait_ready()
    assert fake.pid is not None
    os.kill(fake.pid, signal.SIGKILL)
    until(lambda: fake.state == "failed")
    await fake.wait_ready()
    assert fake.state == "ready"
    assert fake.restarts == 1
    assert "started again" in fake.notice


async def test_a_process_that_will_not_start_says_so() -> None:
    server = LocalServer([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(ModelCrashed, match="code 3"):
        await server.wait_ready()


@pytest.mark.parametrize(
    "command",
    [
        ["/nowhere/at/all"],
        [sys.executable, "-c", "print('hello', flush=True); input(); input()"],
        [sys.executable, "-c", "print('{}', flush=True); input(); input()"],
        [sys.executable, "-c", "import os, time; os.close(0); time.sleep(0.3); raise SystemExit(3)"],
    ],
    ids=["no program", "no JSON", "no address", "does not listen"],
)
async def test_a_start_that_fails_in_any_way_is_a_failure_that_can_be_tried_again(command: list[str]) -> None:
    server = LocalServer(command)
    for _ in range(2):
        with pytest.raises(ModelCrashed, match=r"Its process (could not be started|ended)"):
            await server.wait_ready(timeout_s=10)
        assert server.state == "failed"
    assert server._process is None or server._process.poll() is not None


def test_a_run_says_that_the_model_died_in_the_middle_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = LocalServer(embedded("dies"))
    for name in ("runner", "models.providers", "models.explain"):
        monkeypatch.setattr(import_module(f"streaming.{name}"), "local_server", lambda: server)
    run = finish(
        Lab().start(RunRequest(graph=GRAPHS["chat"], model=ModelSpec(), modes=("messages", "updates"), prompt="Hello"))
    )
    assert any(isinstance(stamped.event, Token) and stamped.event.text == "Once" for stamped in run.events)
    assert run.ended is not None
    assert run.ended.error == "ModelCrashed", run.ended
    assert "code 9" in run.ended.reason
    assert run.ended.cut, "what had arrived can be gone on with"


async def test_where_it_is_not_installed_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "installed", lambda: False)
    with pytest.raises(ModelMissing, match="make model"):
        await LocalServer().wait_ready()


def test_stop_ends_the_process(fake: LocalServer) -> None:
    fake.start()
    fake.wait_ready_sync()
    fake.stop()
    until(lambda: fake.state == "failed")


@pytest.mark.parametrize(("cores", "expected"), [(1, 1), (2, 1), (8, 4), (64, 4)])
def test_half_the_cores_at_most_four(cores: int, expected: int) -> None:
    assert threads(cores) == expected


class TestRealModel:
    pytestmark = needs_model

    async def test_it_streams_one_token_a_chunk_through_the_ordinary_client(self) -> None:
        model = await open_model(ModelSpec(max_tokens=12))
        chunks = [chunk async for chunk in model.astream("Tell me about ice cream.")]
        texts = [chunk.text for chunk in chunks if chunk.text]
        assert 3 <= len(texts) <= 12
        assert any(chunk.usage_metadata for chunk in chunks)

    def test_a_run_that_is_stopped_frees_the_server(self) -> None:
        request = RunRequest(
            graph=GRAPHS["chat"], model=ModelSpec(max_tokens=900), modes=("messages",), prompt="Write a long story."
        )
        run = Lab().start(request)
        for batch in run.follow():
            if any(isinstance(stamped.event, Token) and stamped.event.text for stamped in batch):
                run.cancel()
        assert run.status == "Cancelled"
        server = local_server()

        def idle() -> bool:
            slots = httpx.get(f"{server.address}/slots", headers={"Authorization": f"Bearer {server.key}"}).json()
            return not any(slot["is_processing"] for slot in slots)

        until(idle, timeout_s=2.0)

    def test_a_prompt_beyond_its_window_says_what_to_do(self) -> None:
        request = RunRequest(
            graph=GRAPHS["joke"], model=ModelSpec(), modes=("messages", "updates"), prompt="cold ice cream " * 1200
        )
        run = finish(Lab().start(request))
        assert run.ended is not None
        assert run.ended.error == "ContextOverflow", run.ended.reason
        assert "Shorten" in run.ended.advice

    async def test_its_server_refuses_strangers_and_passes_the_check(self) -> None:
        server = local_server()
        await server.wait_ready()
        answer = httpx.post(f"{server.address}/v1/chat/completions", json={"messages": []})
        assert answer.status_code == 401
        assert check_connection(ModelSpec()).ok

    def test_the_child_goes_when_its_parent_is_killed(self) -> None:
        code = (
            "import time; from streaming.models import local_server; s = local_server(); s.start();"
            " s.wait_ready_sync(); print(s.pid, flush=True); time.sleep(60)"
        )
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        parent.stdout.close()

        def gone() -> bool:
            try:
                with open(f"/proc/{child}/stat") as stat:
                    return stat.read().split()[2] == "Z"
            except FileNotFoundError:
                return True

        if not os.path.isdir("/proc"):
            pytest.skip("needs /proc to see the child")
        until(gone, timeout_s=5.0)
