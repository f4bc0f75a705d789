"""The embedded model's process: started once, watched, restarted, gone with its parent."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from langchain_core.messages import HumanMessage
from langchain_core.runnables.config import var_child_runnable_config

from graphs import GRAPHS
from streaming.core.errors import ModelCrashed, ModelMissing
from streaming.core.events import Token
from streaming.core.model_spec import ModelSpec
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import RunRequest
from streaming.providers.call_policy import CallPolicy
from streaming.providers.connection_check import check_connection
from streaming.providers.embedded.child import threads
from streaming.providers.embedded.server import EmbeddedServer
from streaming.providers.factory import open_model
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.provider_servers import embedded

needs_model = [
    pytest.mark.local_model,
    pytest.mark.skipif(not EmbeddedServer().installed, reason="the embedded model is not installed: make model"),
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
def fake() -> Iterator[EmbeddedServer]:
    server = EmbeddedServer([sys.executable, "-c", FAKE])
    yield server
    server.close()


async def test_starting_twice_starts_one_process(fake: EmbeddedServer) -> None:
    await fake.wait_ready()
    pid = fake.pid
    await fake.wait_ready()
    assert (fake.state, fake.pid, fake.address, fake.restarts) == ("ready", pid, "http://x", 0)


async def test_a_dead_process_is_noticed_and_replaced_with_a_notice(fake: EmbeddedServer) -> None:
    await fake.wait_ready()
    assert fake.pid is not None
    os.kill(fake.pid, signal.SIGKILL)
    until(lambda: fake.state == "failed")
    await fake.wait_ready()
    assert fake.state == "ready"
    assert fake.restarts == 1
    assert "started again" in fake.notice


async def test_a_process_that_will_not_start_says_so() -> None:
    server = EmbeddedServer([sys.executable, "-c", "raise SystemExit(3)"])
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
    server = EmbeddedServer(command)
    for _ in range(2):
        with pytest.raises(ModelCrashed, match=r"could not be started|ended with code"):
            await server.wait_ready()
        assert server.state == "failed"
    assert server._process is None or server._process.poll() is not None


def test_a_run_says_that_the_model_died_in_the_middle_of_it() -> None:
    server = EmbeddedServer(embedded("dies"))
    request = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(), modes=("messages", "updates"), prompt="Hello")
    with closing(Engine(embedded=server)) as engine:
        run = finish(engine.start(request))
    assert any(isinstance(entry.event, Token) and entry.event.text == "Once" for entry in run.events)
    assert run.ended is not None
    assert run.ended.error == "ModelCrashed", run.ended
    assert "code 9" in run.ended.reason
    assert run.ended.cut, "what had arrived can be gone on with"


async def test_a_process_that_hangs_at_its_start_is_killed_and_reported() -> None:
    server = EmbeddedServer([sys.executable, "-c", "import time; time.sleep(600)"], start_timeout_s=0.5)
    with pytest.raises(ModelCrashed, match=r"not ready within 0\.5 s"):
        await server.wait_ready()
    assert server.state == "failed"
    assert server._process is not None
    assert server._process.poll() is not None


async def test_waiting_for_the_process_blocks_no_thread(fake: EmbeddedServer) -> None:
    before = threading.active_count()
    waiting = [asyncio.create_task(fake.wait_ready()) for _ in range(20)]
    await asyncio.sleep(0)
    assert threading.active_count() <= before + 3, "its own thread, its log and its watchdog"
    await asyncio.gather(*waiting)
    assert fake.state == "ready"


class HeldBackServer(EmbeddedServer):
    """Publishes the death of its process only when the event loop turns while a run waits for the news."""

    def __init__(self) -> None:
        super().__init__(embedded("dies"))
        self.asked, self.beat = threading.Event(), threading.Event()
        self.loop_turned = False

    async def wait_crash(self) -> ModelCrashed | None:
        self.asked.set()
        return await super().wait_crash()

    def _set(self, state: Any, detail: str = "") -> None:
        if state == "failed" and self.asked.wait(20):
            self.beat.clear()
            self.loop_turned = self.beat.wait(20)
        super()._set(state, detail)


async def _beat(beat: threading.Event) -> None:
    while True:
        beat.set()
        await asyncio.sleep(0.005)


def test_a_failed_embedded_run_does_not_stop_the_loop_of_all_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streaming.providers.embedded.server.CRASH_WAIT_S", 10.0)
    server = HeldBackServer()
    request = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(), modes=("messages",), prompt="Hello")
    with closing(Engine(embedded=server)) as engine:
        engine._submit(_beat(server.beat))
        run = finish(engine.start(request))
    assert server.loop_turned
    assert run.ended is not None
    assert run.ended.error == "ModelCrashed", run.ended


async def test_where_it_is_not_installed_the_command_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="make model"):
        await EmbeddedServer(weights=tmp_path / "nothing.gguf").wait_ready()


async def test_close_ends_the_process(fake: EmbeddedServer) -> None:
    await fake.wait_ready()
    fake.close()
    until(lambda: fake.state == "failed")


@pytest.mark.parametrize(("cores", "expected"), [(1, 1), (2, 1), (8, 4), (64, 4)])
def test_the_model_uses_half_the_cores_and_at_most_four(cores: int, expected: int) -> None:
    assert threads(cores) == expected


PART = "They're a natu"


async def continued(server: EmbeddedServer, *, streamed: bool = True) -> str:
    """The answer of a node that had received `PART` of it."""
    policy = CallPolicy(partial_answers={"write": PartialAnswer(text=PART, continues=True)})
    model = await open_model(ModelSpec(max_tokens=5), embedded=server, policy=policy)
    var_child_runnable_config.set({"metadata": {"langgraph_node": "write"}})
    if streamed:
        return "".join([str(chunk.text) async for chunk in model.astream("Why cats?")])
    return str((await model.ainvoke("Why cats?")).text)


async def test_continuing_sends_the_part_as_the_last_message() -> None:
    with closing(EmbeddedServer(embedded("tells"))) as server:
        answer = await continued(server)
    assert answer.startswith(PART)
    assert json.loads(answer.removeprefix(PART)) == [
        {"role": "user", "content": "Why cats?"},
        {"role": "assistant", "content": PART},
    ]


def asked(server: EmbeddedServer, max_tokens: int) -> Any:
    """The arguments of a request for a streamed answer of exactly this length."""
    body = {
        "messages": [{"role": "user", "content": "Write a long story."}],
        "stream": True,
        "max_tokens": max_tokens,
        "ignore_eos": True,
    }
    return {"json": body, "headers": {"Authorization": f"Bearer {server.key}"}}


@pytest.fixture(scope="module")
def real() -> Iterator[EmbeddedServer]:
    server = EmbeddedServer()
    yield server
    server.close()


class TestRealModel:
    pytestmark = needs_model

    async def test_it_streams_one_token_a_chunk_through_the_ordinary_client(self, real: EmbeddedServer) -> None:
        model = await open_model(ModelSpec(max_tokens=12), embedded=real)
        chunks = [chunk async for chunk in model.astream("Tell me about ice cream.")]
        texts = [chunk.text for chunk in chunks if chunk.text]
        assert 3 <= len(texts) <= 12
        assert any(chunk.usage_metadata for chunk in chunks)

    def test_a_stopped_run_frees_its_slot(self, real: EmbeddedServer) -> None:
        request = RunRequest(
            graph=GRAPHS["chat"], model=ModelSpec(max_tokens=900), modes=("messages",), prompt="Write a long story."
        )
        with closing(Engine(embedded=real)) as engine:
            run = engine.start(request)
            for batch in run.follow():
                if any(isinstance(entry.event, Token) and entry.event.text for entry in batch):
                    run.cancel()
        assert run.status == "Cancelled"

        # The server has two slots. One is busy with an answer that is shorter than the stopped one would have been,
        # so a second answer can only end before it in the slot that was freed.
        with httpx.stream("POST", f"{real.address}/v1/chat/completions", **asked(real, 150), timeout=60) as busy:
            lines = busy.iter_lines()
            assert next(lines)
            short = httpx.post(f"{real.address}/v1/chat/completions", **asked(real, 2), timeout=60)
            assert short.status_code == 200
            rest = [line for line in lines if line.startswith("data: ")]
        assert len(rest) > 100, "the long answer still ran when the short one was complete"

    @pytest.mark.parametrize("part", [PART, "They're a natural "], ids=["in a word", "after a space"])
    async def test_it_goes_on_in_the_open_turn_of_its_answer(self, real: EmbeddedServer, part: str) -> None:
        model: Any = await open_model(ModelSpec(), embedded=real)
        messages = PartialAnswer(text=part, continues=True).messages([HumanMessage("Why cats?")])
        body = {"messages": model._get_request_payload(messages)["messages"]}
        key = {"Authorization": f"Bearer {real.key}"}
        prompt = httpx.post(f"{real.address}/apply-template", json=body, headers=key).json()["prompt"]
        assert prompt.endswith(f"Why cats?<|im_end|>\n<|im_start|>assistant\n{part.rstrip()}")

    @pytest.mark.parametrize("streamed", [True, False])
    async def test_a_continued_answer_has_its_part_once(self, real: EmbeddedServer, streamed: bool) -> None:
        answer = await continued(real, streamed=streamed)
        assert answer.startswith(PART)
        assert answer.count(PART) == 1
        assert len(answer) > len(PART)

    def test_a_prompt_beyond_its_window_says_what_to_do(self, real: EmbeddedServer) -> None:
        request = RunRequest(
            graph=GRAPHS["joke"], model=ModelSpec(), modes=("messages", "updates"), prompt="cold ice cream " * 1200
        )
        with closing(Engine(embedded=real)) as engine:
            run = finish(engine.start(request))
        assert run.ended is not None
        assert run.ended.error == "ContextOverflow", run.ended.reason
        assert "Shorten" in run.ended.advice

    async def test_the_model_server_refuses_requests_without_its_key_and_passes_the_connection_check(
        self, real: EmbeddedServer
    ) -> None:
        await real.wait_ready()
        answer = httpx.post(f"{real.address}/v1/chat/completions", json={"messages": []})
        assert answer.status_code == 401
        assert check_connection(ModelSpec(), embedded=real).ok

    def test_the_child_goes_when_its_parent_is_killed(self) -> None:
        code = (
            "import asyncio, time; from streaming.providers.embedded.server import EmbeddedServer;"
            " s = EmbeddedServer(); asyncio.run(s.wait_ready()); print(s.pid, flush=True); time.sleep(60)"
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


async def test_the_process_gets_an_environment_without_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "environment"
    for name in ("OPENAI_API_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "SOME_TOKEN"):
        monkeypatch.setenv(name, "planted-in-the-environment")
    program = f"import os; open({str(written)!r}, 'w').write(repr(dict(os.environ)));{FAKE}"
    with closing(EmbeddedServer([sys.executable, "-c", program])) as server:
        await server.wait_ready()
    assert "PATH" in written.read_text()
    assert "planted" not in written.read_text()
