"""Responses go through `Body`, whichever HTTP library receives them, in both ways of calling it."""

import asyncio
import gzip
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from streaming.core.errors import BrokenStream, ModelError
from streaming.providers import body_limits, bounded_client
from streaming.providers.bounded_client import bounded
from tests.support.raw_provider import CHUNKED, CLOSED, WHOLE, chunked, scripted_socket, sends

URL = "http://model.test/v1/models"
Answer = Callable[[Any, Any], Any]


class Bytes:
    """A body in pieces, as sync and as async stream."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.given, self.closed = pieces, 0, False

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.given += 1
            yield piece

    async def __aiter__(self) -> Any:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def stream_of(http: Any, *pieces: bytes) -> Any:
    return type("Stream", (Bytes, http.SyncByteStream, http.AsyncByteStream), {})(*pieces)


@pytest.fixture(params=["httpx", "httpx2"])
def http(request: pytest.FixtureRequest) -> Any:
    return import_module(request.param)


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest, http: Any) -> Callable[..., Any]:
    """A request to a server that answers so; the response, or what reading it raises."""

    def call(answer: Callable[[Any], Any], **options: Any) -> Any:
        transport = http.MockTransport(answer)
        if request.param == "sync":
            with bounded(http.__name__, http.Client)(transport=transport) as client:
                return client.post(URL, **options)

        async def post() -> Any:
            async with bounded(http.__name__, http.AsyncClient)(transport=transport) as client:
                return await client.post(URL, **options)

        return asyncio.run(post())

    return call


def test_a_class_is_built_once_for_each_client(http: Any) -> None:
    assert bounded(http.__name__, http.Client) is bounded(http.__name__, http.Client)
    assert issubclass(bounded(http.__name__, http.AsyncClient), http.AsyncClient)


def test_no_compression_is_asked_for_and_one_that_comes_is_undone(http: Any, ask: Any) -> None:
    asked: list[str] = []

    def answer(request: Any) -> Any:
        asked.append(request.headers["accept-encoding"])
        packed = gzip.compress(b'{"data": []}')
        headers = {"content-encoding": "gzip", "content-type": "application/json", "set-cookie": "a=b"}
        return http.Response(200, headers=headers, stream=stream_of(http, packed))

    response = ask(answer)
    assert asked == ["identity"]
    assert response.json() == {"data": []}
    assert not {"content-encoding", "content-length", "set-cookie"} & set(response.headers)


def test_an_encoding_that_is_not_known_is_refused(http: Any, ask: Any) -> None:
    with pytest.raises(ModelError, match="encoding"):
        ask(lambda _: http.Response(200, headers={"content-encoding": "br"}, stream=stream_of(http, b"x")))


def test_a_body_above_the_limit_ends_the_read_and_closes_its_stream(
    http: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limits, "MAX_WHOLE_BYTES", 1000)
    monkeypatch.setattr(body_limits, "MAX_RECEIVED_BYTES", 1000)
    sent = stream_of(http, *[b"x" * 100] * 30)
    with pytest.raises(BrokenStream, match="more than"):
        ask(lambda _: http.Response(200, headers={"content-type": "application/json"}, stream=sent))
    assert sent.closed


def test_a_body_that_takes_too_long_ends_the_read(http: Any, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_client, "MAX_TOTAL_S", -1.0)
    with pytest.raises(BrokenStream, match="took longer"):
        ask(lambda _: http.Response(200, stream=stream_of(http, b"{", b"}")))


def test_the_key_of_the_request_is_not_in_the_answer(http: Any, ask: Any) -> None:
    def answer(request: Any) -> Any:
        said = f'{{"error": {{"message": "wrong key {request.headers["authorization"].partition(" ")[2]}"}}}}'
        return http.Response(401, headers={"content-type": "application/json"}, stream=stream_of(http, said.encode()))

    response = ask(answer, headers={"authorization": "Bearer planted-key-0123456789"})
    assert "wrong key" in response.text
    assert "planted-key" not in response.text


def test_of_a_long_error_no_more_than_its_limit_is_received(
    http: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limits, "MAX_ERROR_BYTES", 1000)
    sent = stream_of(http, *[b"x" * 600] * 30)
    response = ask(lambda _: http.Response(500, headers={"content-type": "text/plain"}, stream=sent))
    assert len(response.content) == 1000
    assert sent.given == 2


async def test_headers_that_do_not_come_end_the_request(http: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_client, "HEADERS_S", 0.01)

    async def answer(_: Any) -> Any:
        await asyncio.sleep(60)

    async with bounded(http.__name__, http.AsyncClient)(transport=http.MockTransport(answer)) as client:
        with pytest.raises(TimeoutError):
            await client.post(URL)


class Turns:
    """A task that counts its turns on the loop, and the most pieces of a body that came between two of them."""

    def __init__(self) -> None:
        self.turns = self.most = self.pieces = 0
        self.over = False

    async def count(self) -> None:
        while not self.over:
            self.turns += 1
            self.most, self.pieces = max(self.most, self.pieces), 0
            await asyncio.sleep(0)


async def turns_during(http: Any, monkeypatch: pytest.MonkeyPatch, *sent: bytes) -> Turns:
    turns, feed = Turns(), body_limits.Body.feed

    def counted(body: body_limits.Body, data: bytes) -> Iterator[bytes]:
        turns.pieces += 1
        return iter(feed(body, data))

    monkeypatch.setattr(body_limits.Body, "feed", counted)
    with scripted_socket(sends(*sent)) as provider:
        async with bounded(http.__name__, http.AsyncClient)(timeout=10) as client:
            counting = asyncio.create_task(turns.count())
            async with client.stream("GET", provider.base_url) as response:
                content = b"".join([piece async for piece in response.aiter_bytes()])
            turns.over = True
            await counting
    assert b"is out." in content
    return turns


async def test_other_tasks_have_turns_between_very_many_interim_responses(
    http: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await turns_during(http, monkeypatch, b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, CLOSED, WHOLE)
    # In pieces of 64 KB, 250 KB gave 20 turns.
    assert found.turns > 50


async def test_other_tasks_have_turns_between_very_many_chunks_of_a_byte(
    http: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = b"1\r\n:\r\n" * 50_000 + chunked(b"\n\n" + WHOLE) + b"0\r\n\r\n"
    found = await turns_during(http, monkeypatch, CHUNKED, body)
    assert found.most < 1_500


@pytest.mark.parametrize("http_package", ["httpx", "httpx2"])
def test_after_its_end_a_body_has_no_rest(http_package: str) -> None:
    """A client of OpenAI asks for it; the library below would search the closed connection without end."""
    http = import_module(http_package)
    bare = stream_of(http, b"data: [DONE]")
    transport = http.MockTransport(
        lambda _: http.Response(200, headers={"content-type": "text/event-stream"}, stream=bare)
    )
    with (
        bounded(http_package, http.Client)(transport=transport) as client,
        client.stream("POST", URL) as response,
    ):
        assert b"".join(response.stream) != b""
        given = bare.given
        assert list(response.stream) == []
        assert bare.given == given
