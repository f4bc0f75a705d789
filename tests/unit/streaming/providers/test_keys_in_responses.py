"""A provider repeats the key in any part of its response: nobody sees it, in a run or in the check of a connection."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from urllib.parse import quote

import httpx
import pytest

from graphs import GRAPHS
from streaming.core.errors import LabError
from streaming.core.events import MODES, Token
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.bounded_client import bounded
from streaming.providers.connection_check import check_connection
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.provider_runs import KEY, compatible
from tests.support.raw_provider import CHUNKED, CLOSED, DONE, WHOLE, Script, chunked, event, scripted_socket, sends

SAID = f"wrong key {KEY} of you"
ERROR = f'{{"error": {{"message": "{SAID}", "code": "{KEY}"}}}}'


def response(
    status: str = "401 No", body: bytes = b"", *, headers: str = "", content_type: str = "application/json"
) -> Script:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\n{headers}\r\n"
    return sends(head.encode("latin-1"), body)


def in_charset(name: str, body: str = ERROR, *, says: str = "") -> Script:
    return response(body=body.encode(name), content_type=f"application/json; charset={says or name}")


MODELS = f'{{"data": [{{"id": "{KEY}"}}, {{"id": "{"x" * 110}{KEY}"}}, {{"id": "a", "owned_by": "{KEY}"}}]}}'
PAGE = f"<html><title>{KEY}</title>"
RESPONSES: dict[str, Script] = {
    "reason phrase": response(f"500 {KEY}"),
    "a status that is no number": response(f"{KEY} No"),
    "encoding": response("200 OK", b"x", headers=f"Content-Encoding: {KEY}\r\n"),
    "type": response("200 OK", b"x", content_type=KEY),
    "charset": response(body=ERROR.encode(), content_type=f"text/plain; charset={KEY}"),
    "pause": response("429 Slow", ERROR.encode(), headers=f"Retry-After: {KEY}\r\n"),
    "redirect": response("302 Found", headers=f"Location: http://127.0.0.1:1/{KEY}\r\n"),
    "redirect with a login": response("307 Found", headers=f"Location: http://{KEY}@127.0.0.1:1/\r\n"),
    "request id": response("500 No", ERROR.encode(), headers=f"X-Request-Id: {KEY}\r\nServer: {KEY}\r\n"),
    "asked for": response(headers=f'WWW-Authenticate: Bearer error="{KEY}"\r\n'),
    "no name of a header": response("200 OK", headers=f"{KEY} x\r\n"),
    "trailer": sends(CHUNKED, chunked(WHOLE), f"0\r\nX-Key: {KEY}\r\n\r\n".encode()),
    "header of a stream": sends(CHUNKED.replace(b"\r\n\r\n", f"\r\nX-Request-Id: {KEY}\r\n\r\n".encode())),
    "UTF-16": in_charset("utf-16"),
    "UTF-16 without a mark": in_charset("utf-16-be"),
    "UTF-16 that is not said": in_charset("utf-16", says="utf-8"),
    "UTF-32": in_charset("utf-32"),
    "UTF-7": in_charset("utf-7"),
    "EBCDIC": in_charset("cp037"),
    "Latin-1": in_charset("latin-1", ERROR.replace("wrong", "erron\xe9")),
    "Shift JIS": in_charset("shift_jis", ERROR.replace("wrong", "\u9375")),
    "plain UTF-16": response(body=SAID.encode("utf-16"), content_type="text/plain; charset=utf-16"),
    "a charset that is none": in_charset("utf-8", says="zip"),
    "models": response("200 OK", MODELS.encode()),
    "models in UTF-16": response("200 OK", MODELS.encode("utf-16"), content_type="application/json; charset=utf-16"),
    "a page": response("403 No", PAGE.encode("utf-16"), content_type="text/html; charset=utf-16"),
}


READABLE = [name for name in RESPONSES if name not in ("no name of a header", "a status that is no number")]
"""Responses that an HTTP client takes."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Engine()) as started:
        yield started


@pytest.mark.parametrize("name", RESPONSES)
def test_a_key_in_any_part_of_a_response_is_not_shown(
    engine: Engine, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with scripted_socket(RESPONSES[name]) as provider:
        request = RunRequest(
            graph=GRAPHS["chat"],
            model=compatible(provider.base_url),
            modes=("messages", "updates", "debug"),
            prompt="Hello",
            retry_policy=RetryPolicy(max_attempts=1),
        )
        run = finish(engine.start(request, api_key=KEY))
        check = check_connection(compatible(provider.base_url), api_key=KEY)
    for seen in (repr(run.events), repr(check), caplog.text):
        assert KEY[3:] not in seen
        assert KEY[:-3] not in seen


MARKED = (KEY.replace("-", r"\-"), f"**{KEY[:12]}**{KEY[12:]}", f"[{KEY[:12]}](https://e.org){KEY[12:]}", KEY.upper())


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("written", MARKED)
def test_a_streamed_key_with_markdown_in_it_is_not_shown(engine: Engine, written: str, size: int) -> None:
    text = f"A {written} B"
    events = [event(text[at : at + size]) for at in range(0, len(text), size)]
    with scripted_socket(sends(CHUNKED, chunked(b"".join(events) + event(finish="stop") + DONE), CLOSED)) as provider:
        request = RunRequest(graph=GRAPHS["chat"], model=compatible(provider.base_url), modes=MODES, prompt="Hello")
        run = finish(engine.start(request, api_key=KEY))
    answer = "".join(entry.event.text for entry in run.events if isinstance(entry.event, Token))
    assert answer.startswith("A ")
    assert answer.endswith(" B")
    assert "[key]" in answer
    # The last values of the state have it in one piece, as the page shows it.
    assert not any(part in repr(run.events).lower() for part in ("planted", "0123456789", "456789"))


@pytest.mark.parametrize("name", READABLE)
async def test_what_a_tracer_of_the_operator_gets_of_a_response_has_no_key(name: str) -> None:
    client: httpx.AsyncClient = bounded("httpx", httpx.AsyncClient)()
    with scripted_socket(RESPONSES[name]) as provider:
        async with client:
            said = b""
            with suppress(LabError, httpx.HTTPError):
                response = await client.post(
                    f"{provider.base_url}/chat/completions",
                    headers={"Authorization": f"Bearer {KEY}"},
                    json={"messages": [], "stream": False},
                )
                said = repr((response.headers, response.reason_phrase)).encode() + response.content
    for charset in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "cp037"):
        assert KEY.encode(charset) not in said


@pytest.mark.parametrize("path", ["/v1?code={}&api-version=2024-10-21", "login"])
@pytest.mark.parametrize("status", ["404 No", "200 OK"])
def test_a_key_in_the_base_url_is_not_shown(engine: Engine, path: str, status: str) -> None:
    secret = "QuerySecret+12345678"
    said = f"no route for /v1/chat/completions?code={secret} or {quote(secret, safe='')} of api-version 2024-10-21"
    streams = event(said[:50]) + event(said[50:]) + event(finish="stop") + DONE
    body = json.dumps({"error": {"message": said}}).encode()
    script = sends(CLOSED, streams) if status == "200 OK" else response(status, body)
    with scripted_socket(script) as provider:
        if path == "login":
            url = provider.base_url.replace("://", f"://me:{quote(secret)}@")
        else:
            url = provider.base_url.replace("/v1", path.format(quote(secret, safe="")))
        request = RunRequest(
            graph=GRAPHS["chat"],
            model=compatible(url),
            modes=("messages", "updates", "debug"),
            prompt="Hello",
            retry_policy=RetryPolicy(max_attempts=1),
        )
        run = finish(engine.start(request, api_key=KEY))
        check = check_connection(compatible(url), api_key=KEY)
    for seen in (repr(run.events), repr(check)):
        assert secret[3:] not in seen
        assert quote(secret, safe="")[3:] not in seen
    assert run.ended is not None
    assert "2024-10-21" in repr(run.events)
    assert "[key]" in repr(run.events)
