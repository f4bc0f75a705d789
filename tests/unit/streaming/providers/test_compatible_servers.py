"""Servers that are compatible with OpenAI only in part get requests that they accept."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from threading import Event, Thread
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from graphs import GRAPHS, TECHNIQUES
from streaming.config.policy import with_server_policy
from streaming.config.settings import Settings
from streaming.core.events import Attempt, Fallback, Notice
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.providers import resilient
from streaming.providers.call_policy import CallPolicy
from streaming.providers.connection_check import check_connection
from streaming.providers.factory import open_model
from streaming.providers.http_clients import HttpClientPool
from streaming.providers.refused_options import FORGET_AFTER_S, MAX_ADDRESSES, RefusedOptions
from streaming.providers.turns import in_turns
from streaming.runtime.engine import Engine
from streaming.runtime.thread_moves import next_turn
from tests.support.graphs import finish
from tests.support.provider_runs import KEY
from tests.support.raw_provider import CLOSED, WHOLE, scripted_socket, sends

ANSWER = "The tide is out."
Refusal = Callable[[dict[str, Any]], tuple[int, Any] | None]


class Server:
    """A provider that streams `ANSWER` unless `refuses` gives a status and a body; `hold` may wait, `asked` has all."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.refuses: Refusal = lambda asked: None
        self.hold: Callable[[dict[str, Any]], None] = lambda asked: None
        self.base_url = ""
        self.answer = ANSWER


@contextmanager
def compatible_server() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append({**asked, "path": self.path})
            server.hold(asked)
            status, body = server.refuses(asked) or (200, None)
            if self.path != "/v1/chat/completions":
                status, body = 404, {"error": {"message": "Not Found"}}
            self.send_response(status)
            self.end_headers()
            if body is not None:
                self.wfile.write(json.dumps(body).encode())
                return
            for word in server.answer.split(" "):
                self._send({"content": word + " "}, None)
            self._send({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def _send(self, delta: dict[str, str], reason: str | None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": reason}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=partial(http.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    server.base_url = f"http://127.0.0.1:{http.server_port}/v1"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with compatible_server() as started:
        yield started


def spec(server: Server, **fields: Any) -> ModelSpec:
    return ModelSpec(**{"provider": "compatible", "base_url": server.base_url, "model": "m", **fields})


def run(server: Server, *, graph: str = "chat", **fields: Any) -> Run:
    request = RunRequest(
        graph={**GRAPHS, **TECHNIQUES}[graph],
        modes=("messages", "updates"),
        **{"model": spec(server), "prompt": "What is 1+2?", "retry_policy": RetryPolicy(max_attempts=1), **fields},
    )
    with closing(Engine()) as engine:
        return finish(engine.start(request, api_key=KEY))


async def ask(server: Server, clients: HttpClientPool, times: int = 1, **bound: Any) -> str:
    model = await open_model(
        spec(server, max_tokens=32),
        api_key=KEY,
        clients=clients,
        policy=CallPolicy(retry_policy=RetryPolicy(max_attempts=1)),
    )
    for _ in range(times):
        text = "".join([str(chunk.text) async for chunk in model.astream("Hello", **bound)])
    return text.strip()


@pytest.mark.parametrize("graph", ["chat", "joke"])
def test_the_limit_of_an_answer_has_the_name_that_servers_know(server: Server, graph: str) -> None:
    assert run(server, graph=graph, model=spec(server, max_tokens=32)).status == "Completed"
    assert {asked.get("max_tokens") for asked in server.asked} == {32}
    assert not [asked for asked in server.asked if "max_completion_tokens" in asked]


def refusing(option: str, body: Any, status: int = 400) -> Refusal:
    return lambda asked: (status, body) if asked.get(option) is not None else None


def extra(option: str) -> dict[str, Any]:
    return {"detail": [{"type": "extra_forbidden", "loc": ["body", option], "msg": "Extra inputs are not permitted"}]}


def sentence(text: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": text, "type": "invalid_request_error", "param": None, "code": None, **fields}}


@pytest.mark.parametrize(
    ("option", "status", "body"),
    [
        ("stream_options", 422, extra("stream_options")),
        ("stream_options", 422, {"object": "error", "message": extra("stream_options")}),
        ("stream_options", 400, sentence("Unrecognized request argument supplied: stream_options")),
        ("temperature", 400, sentence("Unsupported value", param="temperature", code="unsupported_value")),
        (
            "max_tokens",
            400,
            sentence("'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
        ),
        ("max_tokens", 400, sentence("Unsupported parameter", param="max_tokens", code="unsupported_parameter")),
        ("parallel_tool_calls", 400, sentence("Unknown parameter: 'parallel_tool_calls'.")),
        ("response_format", 400, sentence("This response_format type is unavailable now")),
        ("response_format", 400, sentence("This model does not support response format `json_schema`.")),
        ("response_format", 400, sentence("'response_format.type' must be 'text'")),
        ("stream_options", 400, sentence("stream_options is not a valid parameter")),
        ("temperature", 400, sentence("`temperature` is deprecated for this model.")),
        ("temperature", 400, sentence("invalid temperature: only 1 is allowed for this model")),
    ],
)
async def test_a_refused_option_is_withdrawn_once_and_remembered(
    server: Server, option: str, status: int, body: Any
) -> None:
    clients = HttpClientPool()
    server.refuses = refusing(option, body, status)
    bound = {"parallel_tool_calls": {"parallel_tool_calls": False}, "response_format": {"response_format": SCHEMA}}
    assert await ask(server, clients, times=2, **bound.get(option, {})) == ANSWER
    refused = [asked for asked in server.asked if option in asked]
    assert len(refused) == (2 if option == "response_format" else 1), "json_object is tried before nothing"
    assert len(server.asked) == len(refused) + 2
    if option == "max_tokens":
        assert server.asked[-1]["max_completion_tokens"] == 32
    await clients.aclose()


SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": {}}}}


@pytest.mark.parametrize(
    "words",
    [
        "System role not supported",
        "Only user and assistant roles are supported!",
        "Conversation roles must alternate user/assistant/user/assistant/...",
    ],
)
async def test_a_template_without_a_system_role_gets_its_words_in_the_question(server: Server, words: str) -> None:
    clients = HttpClientPool()
    has_system = lambda asked: asked["messages"][0]["role"] == "system"  # noqa: E731
    server.refuses = lambda asked: (400, sentence(words)) if has_system(asked) else None
    model = await open_model(spec(server), api_key=KEY, clients=clients)
    for _ in range(2):
        assert [chunk async for chunk in model.astream([("system", "Be short."), ("user", "Hello")])]
    assert [has_system(asked) for asked in server.asked] == [True, False, False]
    assert server.asked[-1]["messages"] == [{"role": "user", "content": "Be short.\n\nHello"}]
    await clients.aclose()


async def test_two_names_that_are_both_refused_end(server: Server) -> None:
    clients = HttpClientPool()
    server.refuses = lambda asked: (400, sentence("max_tokens and max_completion_tokens are not supported"))
    with pytest.raises(Exception, match="not supported"):
        await ask(server, clients)
    assert len(server.asked) < 6
    await clients.aclose()


async def test_a_value_that_is_too_large_is_no_refused_option(server: Server) -> None:
    clients = HttpClientPool()
    server.refuses = refusing(
        "max_tokens", sentence("max_tokens is too large: 99. It must be below 10.", param="max_tokens")
    )
    with pytest.raises(Exception, match="too large"):
        await ask(server, clients)
    assert len(server.asked) == 1
    await clients.aclose()


def test_refusals_are_bounded_and_forgotten_by_a_monotonic_clock() -> None:
    now = [0.0]
    options = RefusedOptions(clock=lambda: now[0])
    for number in range(MAX_ADDRESSES + 5):
        options._remember((str(number), "m"), ("temperature",))
    assert options.names(("0", "m")) == ()
    assert options.names((str(MAX_ADDRESSES), "m")) == ("temperature",)
    now[0] = FORGET_AFTER_S + 1
    assert options.names((str(MAX_ADDRESSES), "m")) == ()


def test_a_schema_that_is_refused_falls_back_and_the_briefing_has_its_table(server: Server) -> None:
    server.answer = '{"options": [{"name": "Kayak", "price": "low", "good_for": "calm water"}]}'

    def refuses(asked: dict[str, Any]) -> tuple[int, Any] | None:
        schema = (asked.get("response_format") or {}).get("type") == "json_schema"
        return (400, sentence("This response_format type is unavailable now")) if schema else None

    server.refuses = refuses
    ended = run(server, graph="briefing", prompt="Buy a boat")
    assert ended.status == "Completed", ended.ended
    assert [entry.event.reason for entry in ended.events if isinstance(entry.event, Attempt)] == [
        "it refuses json_schema"
    ]


@pytest.mark.parametrize("around", [("", " "), (" ", ""), ("", "\n"), ("", "\t"), ("\u200b", "\u00a0")])
def test_addresses_and_names_are_trimmed(server: Server, around: tuple[str, str]) -> None:
    before, after = around
    model = spec(server, base_url=before + server.base_url + after, model=f"{before}m{after}")
    assert (model.base_url, model.model) == (server.base_url, "m")
    assert run(server, model=model).status == "Completed"


@pytest.mark.parametrize("path", ["/", "/chat/completions", "/models", "/chat/completions/"])
def test_the_path_of_a_request_in_an_address_is_left_out(server: Server, path: str) -> None:
    assert run(server, model=spec(server, base_url=server.base_url + path)).status == "Completed"


@pytest.mark.parametrize("path", ["?api-version=1", "/?api-version=1", "/chat/completions?api-version=1#x"])
def test_the_query_of_an_address_goes_with_every_request(path: str) -> None:
    provider = sends(CLOSED, WHOLE)
    with scripted_socket(provider) as started:
        spec = ModelSpec(provider="compatible", base_url=started.base_url + path, model="m")
        request = RunRequest(graph=GRAPHS["chat"], modes=("messages",), model=spec, prompt="Hello")
        with closing(Engine()) as engine:
            assert finish(engine.start(request, api_key=KEY)).status == "Completed"
        check_connection(spec, api_key=KEY)
        paths = [asked.split(b" ")[1] for asked in started.requests]
    assert paths[0] == b"/v1/chat/completions?api-version=1"
    assert paths[1] == b"/v1/models?api-version=1"


@pytest.mark.parametrize(
    ("base_url", "near"),
    [
        ("http://localhost:11434/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.20:1234/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://host.docker.internal:11434/v1", True),
        ("https://api.together.xyz/v1", False),
        ("https://8.8.8.8/v1", False),
        ("http://[broken/v1", False),
    ],
)
def test_a_local_address_has_the_limits_of_a_local_model(base_url: str, near: bool) -> None:
    model = ModelSpec(provider="compatible", base_url=base_url, model="m")
    request = RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="x")
    limits, settings = with_server_policy(request, Settings()).limits, Settings()
    assert limits.ttft_s == (settings.ttft_s if near else settings.hosted_ttft_s)
    assert limits.run_s == (settings.run_s if near else settings.hosted_run_s)
    assert limits.runs_per_minute == settings.runs_per_minute, "it may still cost money"


def test_a_server_that_says_that_it_loads_gets_the_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilient, "LOADING_POLL_S", 0.01)
    busy = iter(range(4))
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    server.refuses = lambda asked: (503, loading) if next(busy, None) is not None else None
    ended = run(server)
    assert ended.status == "Completed", ended.ended
    notices = [entry.event.text for entry in ended.events if isinstance(entry.event, Notice)]
    assert notices == ["The server is loading the model."]


def test_a_silent_local_server_is_shown_as_loading(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilient, "LOADING_AFTER_S", 0.0)
    ended = run(server, limits=Limits(ttft_s=20))
    assert any("loading" in entry.event.text for entry in ended.events if isinstance(entry.event, Notice))


def roles_must_alternate(asked: dict[str, Any]) -> tuple[int, Any] | None:
    roles = [message["role"] for message in asked["messages"] if message["role"] != "system"]
    again = any(first == second for first, second in pairwise(roles))
    return (400, {"object": "error", "message": "Conversation roles must alternate user/assistant"}) if again else None


def test_a_turn_after_a_failed_one_has_its_roles_in_turn(server: Server) -> None:
    request = RunRequest(
        graph=GRAPHS["chat"],
        model=spec(server),
        modes=("messages",),
        prompt="One",
        retry_policy=RetryPolicy(max_attempts=1),
    )
    with closing(Engine()) as engine:
        server.refuses = lambda asked: (500, {"error": {"message": "boom"}})
        first = finish(engine.start(request, api_key=KEY))
        server.refuses = roles_must_alternate
        later = RunRequest(
            graph=GRAPHS["chat"], model=spec(server), modes=("messages",), prompt="Two", thread_id=first.thread_id
        )
        second = finish(engine.start(later, api_key=KEY))
    assert (first.status, second.status) == ("Failed", "Completed"), second.ended
    assert server.asked[-1]["messages"][-1]["content"] == "One\n\nTwo"
    assert [message.text.strip() for message in apply_all(Messages(), second.events).answers()] == [ANSWER]


def test_questions_as_blocks_are_joined() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
    said = [SystemMessage("s"), HumanMessage("One"), HumanMessage([picture])]
    assert in_turns(list(said))[-1].content == [{"type": "text", "text": "One"}, picture]


def test_upstream_is_no_refusal_to_stream(server: Server) -> None:
    server.refuses = lambda asked: (403, sentence("The upstream account may not use this model."))
    ended = run(server)
    assert len(server.asked) == 1
    assert not [entry for entry in ended.events if isinstance(entry.event, Fallback)]


def test_a_turn_after_a_stopped_one_has_its_roles_in_turn(server: Server) -> None:
    server.refuses = roles_must_alternate
    server.answer = "word " * 3
    begun, stopped = Event(), Event()

    def hold(asked: dict[str, Any]) -> None:
        if len(server.asked) == 1:
            begun.set()
            stopped.wait(20)

    server.hold = hold
    with closing(Engine()) as engine:
        request = RunRequest(graph=GRAPHS["chat"], model=spec(server), modes=("messages",), prompt="One")
        first = engine.start(request, api_key=KEY)
        assert begun.wait(20)
        first.cancel()
        finish(first)
        stopped.set()
        second = finish(engine.start(next_turn(first, request, prompt="Two"), api_key=KEY))
    assert (first.status, second.status) == ("Cancelled", "Completed"), second.ended
    assert server.asked[-1]["messages"][-1]["content"] == "One\n\nTwo"
