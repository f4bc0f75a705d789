"""Providers break things their own way: what arrived stays, the sentence says what was seen, sockets are freed."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from graphs import GRAPHS
from streaming.core.limits import Limits
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.providers import body_limits
from streaming.runtime.engine import Engine
from tests.support.graphs import finish
from tests.support.provider_runs import KEY, compatible
from tests.support.raw_behaviours import AT_ONCE, COMPLETE
from tests.support.raw_provider import (
    BEGUN,
    CHUNKED,
    CLOSED,
    DONE,
    WHOLE,
    RawProvider,
    Script,
    chunked,
    compressed,
    event,
    resets,
    scripted_socket,
    sends,
    silent,
)

ANSWER = "The tide is out."
LIMITS = Limits(ttft_s=0.6, idle_s=0.6, run_s=10)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with closing(Engine()) as started:
        yield started


def run(engine: Engine, provider: RawProvider, *, scheme: str = "http") -> Run:
    request = RunRequest(
        graph=GRAPHS["chat"],
        model=compatible(provider.base_url.replace("http:", f"{scheme}:")),
        modes=("messages",),
        prompt="Hello",
        limits=LIMITS,
        retry_policy=RetryPolicy(max_attempts=1),
    )
    return finish(engine.start(request, api_key=KEY))


def text(of: Run) -> str:
    return "".join(message.text for message in apply_all(Messages(), of.events).answers())


@pytest.mark.parametrize("name", COMPLETE)
def test_a_legal_stream_is_read_whole(engine: Engine, name: str) -> None:
    with scripted_socket(COMPLETE[name]) as provider:
        ended = run(engine, provider)
        assert (ended.status, text(ended)) == ("Completed", ANSWER), ended.ended
        assert provider.wait_until_free()


@pytest.mark.parametrize("name", AT_ONCE)
def test_a_fault_before_the_answer_is_said_as_it_was_seen(engine: Engine, name: str) -> None:
    script, error, words = AT_ONCE[name]
    with scripted_socket(script) as provider:
        ended = run(engine, provider)
        assert ended.ended is not None
        assert (ended.status, ended.ended.error) == ("Failed", error), ended.ended
        assert words in ended.ended.reason
        assert not text(ended)
        assert provider.wait_until_free()


def test_a_small_compressed_answer_cannot_become_a_large_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limits, "MAX_DECOMPRESSED_BYTES", 1_000_000)
    with scripted_socket(sends(compressed(BEGUN + b": ping\n\n" * 500_000))) as provider:
        ended = run(engine, provider)
        assert ended.ended is not None
        assert "a compressed answer of more than 1 MB" in ended.ended.reason, ended.ended
        assert text(ended) == "The tide "


def test_a_compressed_error_is_cut(engine: Engine) -> None:
    head, _, body = compressed((b"oops " + KEY.encode()) * 2_000_000).partition(b"\r\n\r\n")
    with scripted_socket(sends(head.replace(b"200 OK", b"500 No") + b"\r\n\r\n" + body)) as provider:
        ended = run(engine, provider)
        assert ended.ended is not None
        assert ended.ended.error == "ProviderFailed", ended.ended
        assert KEY not in repr(ended.events)


def test_bytes_after_an_answer_are_not_read_as_the_next_one(engine: Engine) -> None:
    planted = CHUNKED + chunked(event("planted") + event(finish="stop") + DONE) + b"0\r\n\r\n"
    with scripted_socket(sends(CHUNKED + chunked(WHOLE) + b"0\r\n\r\n" + planted), keep_alive=True) as provider:
        first, second = run(engine, provider), run(engine, provider)
        assert (text(first), text(second)) == (ANSWER, ANSWER)
        assert provider.connections == 2


def test_a_connection_without_surplus_is_used_again(engine: Engine) -> None:
    with scripted_socket(sends(CHUNKED + chunked(WHOLE) + b"0\r\n\r\n"), keep_alive=True) as provider:
        assert [text(run(engine, provider)) for _ in range(3)] == [ANSWER] * 3
        assert provider.connections == 1


def test_a_key_in_pieces_is_taken_out_of_an_answer(engine: Engine) -> None:
    pieces = [f"The key is {KEY[:7]}", *KEY[7:-3], KEY[-3:] + " and that is it."]
    stream = b"".join(event(piece) for piece in pieces) + event(finish="stop") + DONE
    with scripted_socket(sends(CLOSED, stream)) as provider:
        ended = run(engine, provider)
    assert (ended.status, text(ended)) == ("Completed", "The key is [key] and that is it."), ended.ended


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        (silent(), "TooSlow", "did not begin"),
        (silent(b"\x16\x03"), "TooSlow", "did not begin"),
        (sends(CLOSED), "Unreachable", "No encrypted connection"),
        (resets(), "Unreachable", ""),
    ],
)
def test_tls_that_is_slow_or_none(engine: Engine, script: Script, error: str, words: str) -> None:
    with scripted_socket(script, tls=True) as provider:
        ended = run(engine, provider, scheme="https")
        assert ended.ended is not None
        assert ended.ended.error == error, ended.ended
        assert words in ended.ended.reason
        assert provider.wait_until_free()
