"""The connection check tells reachability, key and model apart, and generates nothing."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from streaming.providers.connection_check import check_connection
from tests.support.provider_runs import KEY, compatible
from tests.support.provider_servers import answering, dead_endpoint, redirecting
from tests.support.raw_provider import drips, endless, scripted_socket


@pytest.mark.parametrize(
    ("status", "body", "verdicts"),
    [
        (200, json.dumps({"data": [{"id": "some-model"}]}), (True, True, True)),
        (200, json.dumps({"data": [{"id": "other"}]}), (True, True, False)),
        (401, "{}", (True, False, None)),
        (200, "<html>", (True, None, None)),
    ],
)
def test_the_check_reports_reachability_key_and_model(
    status: int, body: str, verdicts: tuple[bool | None, ...]
) -> None:
    with answering(status, body) as base_url:
        check = check_connection(compatible(base_url), api_key=KEY)
    assert (check.reachable, check.authorised, check.model_exists) == verdicts
    assert KEY not in check.sentence


def test_the_check_does_not_follow_a_redirect() -> None:
    with (
        answering(200, json.dumps({"data": [{"id": "some-model"}]})) as inner,
        redirecting(f"{inner}/models") as base_url,
    ):
        check = check_connection(compatible(base_url))
    assert (check.reachable, check.model_exists) == (True, None)
    assert "another address" in check.sentence


@pytest.mark.parametrize("tail", ["/v1", ":99999999/v1"])
def test_the_check_prints_no_password_of_a_base_url(tail: str) -> None:
    check = check_connection(compatible(f"http://me:{KEY}@127.0.0.1:1{tail}"))
    assert check.reachable is False
    assert KEY not in check.sentence


def test_the_check_of_a_dead_endpoint_reports_it_unreachable() -> None:
    assert check_connection(compatible(dead_endpoint())).reachable is False


Reply = Callable[[str, str], tuple[int, Any]]


@contextmanager
def replying(reply: Reply) -> Iterator[tuple[str, list[str]]]:
    """A provider whose reply depends on the path and the key; yields its base URL and the paths that were asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append(self.path)
            status, body = reply(self.path, self.headers["Authorization"].removeprefix("Bearer "))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


LIST = {"object": "list", "data": [{"id": "some-model"}]}
ANSWERED = {"choices": [{"message": {"role": "assistant", "content": "Hi"}}]}


@pytest.mark.parametrize(
    ("body", "model", "exists"),
    [
        ([{"id": "some-model", "type": "chat"}], "some-model", True),
        ({"data": ["some-model"]}, "some-model", True),
        ({"models": [{"name": "some-model"}]}, "some-model", True),
        ({"data": [{"id": "llama3.2:latest"}]}, "llama3.2", True),
        ({"data": [{"id": "llama3.2:1b"}]}, "llama3.2", False),
        ({"data": [{"id": "llama3.2"}]}, "llama3.2:latest", True),
        ({"data": [{"id": "models/gemini-3"}]}, "gemini-3", True),
        ({"data": None}, "some-model", None),
        ({"data": [{"id": None}, {"id": "some-model"}, 7]}, "some-model", True),
    ],
)
def test_lists_of_many_shapes_are_read(body: object, model: str, exists: bool | None) -> None:
    with answering(200, json.dumps(body)) as base_url:
        check = check_connection(replace(compatible(base_url), model=model), api_key=KEY)
    assert (check.reachable, check.model_exists) == (True, exists), check.sentence
    assert "not as an OpenAI" not in check.sentence


@pytest.mark.parametrize(
    ("status", "words"), [(503, "busy"), (429, "busy"), (500, "status 500"), (404, "no list of models")]
)
def test_a_status_is_no_proof_against_the_api(status: int, words: str) -> None:
    with answering(status, json.dumps({"error": {"message": "come back later"}})) as base_url:
        check = check_connection(compatible(base_url), api_key=KEY)
    assert words in check.sentence
    assert "come back later" in check.sentence
    assert "not as an OpenAI" not in check.sentence
    assert (check.reachable, check.authorised) == (True, None)


@pytest.mark.parametrize("right", [True, False])
def test_a_public_list_does_not_prove_the_key_but_a_token_does(right: bool) -> None:
    def reply(path: str, key: str) -> tuple[int, Any]:
        if path.endswith("/models"):
            return 200, LIST
        return (200, ANSWERED) if right and key == KEY else (401, {"error": {"message": "No auth credentials found"}})

    with replying(reply) as (base_url, asked):
        check = check_connection(compatible(base_url), api_key=KEY)
    assert check.ok is right
    assert check.authorised is right
    assert "/v1/chat/completions" in asked


@pytest.mark.parametrize(
    ("status", "body", "words", "ok"),
    [
        (402, {"error": {"message": "Insufficient credits"}}, "no quota left", False),
        (429, {"error": {"message": "No", "code": "insufficient_quota"}}, "no quota left", False),
        (200, {"error": {"message": "No key was sent"}}, "No key was sent", False),
        (400, {"error": {"message": "max_tokens must be at least 16"}}, "the key is accepted", True),
    ],
)
def test_what_the_model_says_is_the_last_word_after_a_public_list(
    status: int, body: object, words: str, ok: bool
) -> None:
    with replying(lambda path, _: (200, LIST) if path.endswith("/models") else (status, body)) as (base_url, _):
        check = check_connection(compatible(base_url), api_key=KEY)
    assert words in check.sentence
    assert check.ok is ok


def test_a_key_that_may_not_list_models_can_be_right() -> None:
    refusal = 403, {"error": {"message": "Missing scopes: api.model.read"}}
    with replying(lambda path, _: refusal if path.endswith("/models") else (200, ANSWERED)) as (base_url, _):
        assert check_connection(compatible(base_url), api_key=KEY).ok


def test_without_a_model_the_list_is_for_choosing_one() -> None:
    with answering(200, json.dumps(LIST)) as base_url:
        check = check_connection(replace(compatible(base_url), model=""), api_key=KEY)
    assert (check.sentence, check.model_exists, check.models) == (
        "Connected: choose a model.",
        None,
        ("some-model",),
    )


def test_a_server_without_a_list_is_asked_for_a_token() -> None:
    def reply(path: str, key: str) -> tuple[int, Any]:
        return (404, {"error": {"message": "Not Found"}}) if path.endswith("/models") else (200, ANSWERED)

    with replying(reply) as (base_url, _):
        assert check_connection(compatible(base_url), api_key=KEY).ok


def test_a_list_that_proves_the_key_costs_no_token() -> None:
    def reply(path: str, key: str) -> tuple[int, Any]:
        return (200, LIST) if key == KEY else (401, {})

    with replying(reply) as (base_url, asked):
        assert check_connection(compatible(base_url), api_key=KEY).ok
    assert not [path for path in asked if "chat" in path]


def test_403_is_not_always_the_key() -> None:
    with answering(403, json.dumps({"error": {"message": "Country not supported"}})) as base_url:
        check = check_connection(compatible(base_url), api_key=KEY)
    assert check.authorised is None
    assert "Country not supported" in check.sentence


def test_no_form_of_a_key_is_shown() -> None:
    names = [KEY, base64.b64encode(b"x" + KEY.encode()).decode(), "m"]
    with answering(200, json.dumps({"data": [{"id": name} for name in names]})) as base_url:
        check = check_connection(replace(compatible(base_url), model="m"), api_key=KEY)
    assert KEY not in repr(check)
    assert base64.b64encode(b"x" + KEY.encode()).decode()[4:-4] not in repr(check)


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_a_list_that_drips_ends_the_check(head: bytes) -> None:
    with scripted_socket(endless(head, b" ")) as provider:
        check = check_connection(compatible(provider.base_url), timeout_s=0.5)
    assert check.sentence
    assert not check.ok


def test_a_slow_list_within_the_time_is_read() -> None:
    with scripted_socket(drips(b"HTTP/1.1 200 OK\r\n\r\n", json.dumps(LIST).encode())) as provider:
        assert check_connection(compatible(provider.base_url)).model_exists
