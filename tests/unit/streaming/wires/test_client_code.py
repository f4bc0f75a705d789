"""The clients that the page shows run as they are, against the real routes."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx_sse
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.http.routes import api_routes
from streaming.http.start_run import parse_start, request_of
from streaming.services import Services, get_services
from streaming.wires.catalogue import WIRE_NAMES, WIRES
from streaming.wires.clients import CLIENTS, body_of, client_code
from tests.support.http_server import running

PACE = Pace(ttft_ms=0, tokens_per_s=2000.0, tokens=12)
ODD = 'It\'s a "test" with $HOME, `ls`, {{ 7 * 7 }} and \\ü'
REQUEST = RunRequest(
    graph=GRAPHS["chat"], model=ModelSpec(provider="scripted", pace=PACE), modes=("messages", "values"), prompt=ODD
)


@pytest.fixture
def base(services: Services) -> Iterator[str]:
    with running(Starlette(routes=api_routes(services))) as address:
        yield f"http://{address}"


def prompts() -> list[str]:
    return [run.request.prompt for run in get_services().engine.registry.runs()]


def test_the_body_makes_the_same_request_again(services: Services) -> None:
    import json

    again = request_of(parse_start(json.dumps(body_of(REQUEST)).encode()), services)
    assert (again.graph.name, again.prompt, again.modes) == ("chat", ODD, REQUEST.modes)
    assert (again.model.pace.tokens, again.model.pace.tokens_per_s) == (12, 2000.0)
    groq = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="groq", model="m"), modes=("values",), prompt="p")
    assert body_of(groq)["model"] == "groq:m"


def test_a_graph_without_a_prompt_is_started_with_its_input(services: Services) -> None:
    import json

    fields = {"input": {"topic": ODD}, "context": {"user": "7"}, "configurable": {"depth": 2}}
    request = replace(REQUEST, prompt="", **fields)
    again = request_of(parse_start(json.dumps(body_of(request)).encode()), services)
    assert {name: getattr(again, name) for name in fields} == fields
    assert '(await request.json())["input"]' in client_code("FastAPI", "own", request, base="http://localhost:8501")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_every_client_of_every_protocol_is_code(client: Any, wire: Any) -> None:
    code = client_code(client, wire, REQUEST, base="http://localhost:8501")
    assert f"as={wire}" in code
    if client in ("Python", "FastAPI"):
        compile(code, client, "exec")


def test_the_python_client_runs(base: str, tmp_path: Path) -> None:
    found = printed([sys.executable, "-c", client_code("Python", "ag-ui", REQUEST, base=base)], tmp_path)
    assert '"type":"RUN_STARTED"' in found[0]
    assert '"type":"RUN_FINISHED"' in found[-1]
    assert prompts() == [ODD]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_curl_client_runs(base: str, tmp_path: Path) -> None:
    found = printed(["sh", "-c", client_code("curl", "openai", REQUEST, base=base)], tmp_path)
    assert "data: [DONE]" in found
    assert prompts() == [ODD]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_refusal_is_printed(base: str, tmp_path: Path) -> None:
    refused = replace(REQUEST, prompt="x" * 30_000)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "NO_PROXY": "*"}
    for command in (
        ["sh", "-c", client_code("curl", "openai", refused, base=base)],
        [sys.executable, "-c", client_code("Python", "ag-ui", refused, base=base)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, cwd=tmp_path)
        assert "the limit is 20,000" in done.stdout + done.stderr


@pytest.mark.parametrize("client", ["curl", "FastAPI"])
def test_the_token_is_sent_with_both_requests(client: Any) -> None:
    code = client_code(client, "own", REQUEST, base="http://localhost:8501")
    assert code.count('-H "$TOKEN"') == 2 or "AsyncClient(base_url=BASE, headers=headers" in code


def test_the_proxy_passes_the_stream_on(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "fastapi", stand_in_for_fastapi())
    exec(compile(client_code("FastAPI", "vercel", REQUEST, base=base), "proxy", "exec"), proxy.__dict__)
    with TestClient(proxy.app) as client:
        answer = client.post("/chat", json={"prompt": "Hello"})
    assert answer.headers["x-vercel-ai-ui-message-stream"] == WIRES["vercel"].headers["x-vercel-ai-ui-message-stream"]
    events = list(httpx_sse.EventSource(answer).iter_sse())
    assert events[-1].data == "[DONE]"
    assert prompts() == ["Hello"]


def printed(command: list[str], folder: Path) -> list[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "NO_PROXY": "*"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, cwd=folder)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line and not line.startswith(":")]


def stand_in_for_fastapi() -> ModuleType:
    """FastAPI's decorator on Starlette, on which it is built: the environment of the tests does not have it."""
    from starlette.requests import Request

    class App(Starlette):
        def post(self, path: str) -> Any:
            return lambda endpoint: self.add_route(path, endpoint, methods=["POST"])

    module = ModuleType("fastapi")
    module.__dict__.update(FastAPI=App, Request=Request)
    return module
