"""What the clients' exceptions say: their kind, the status, and what the provider sent."""

import asyncio
import json
import ssl
from collections.abc import Callable
from typing import Any

import groq
import httpx
import openai
import pytest
from langchain_core.exceptions import ContextOverflowError

from streaming.providers import client_errors

REQUEST = httpx.Request("POST", "http://model.test/v1/chat/completions")
BODY = {"error": {"code": "Rate_Limited", "message": "slow down"}}


def response(status: int, body: Any = BODY) -> httpx.Response:
    return httpx.Response(status, json=body, request=REQUEST)


def of_openai(status: int, body: Any = BODY) -> Exception:
    # OpenAI's client keeps the inner object.
    return openai.APIStatusError("no", response=response(status, body), body=body["error"])


def of_groq(status: int) -> Exception:
    return groq.APIStatusError("no", response=response(status), body=BODY)


def raised_by(module: str, error: Exception, function: str = "read") -> Exception:
    """The error after it has passed a function of this module."""
    scope: dict[str, Any] = {"__name__": module, "error": error}
    exec(f"def {function}():\n    raise error", scope)
    with pytest.raises(type(error)) as caught:
        scope[function]()
    return caught.value


def test_a_chain_has_causes_and_contexts_and_ends_where_it_returns() -> None:
    first, second, third = ValueError("1"), ValueError("2"), ValueError("3")
    first.__cause__, second.__context__, third.__cause__ = second, third, first
    assert list(client_errors.error_chain(first)) == [first, second, third]


@pytest.mark.parametrize("build", [of_openai, of_groq])
def test_an_answer_with_an_error_has_its_status_and_the_providers_words(build: Callable[[int], Exception]) -> None:
    error = build(429)
    assert client_errors.is_client_error(error)
    assert client_errors.response_status(error) == client_errors.error_status(error) == 429
    said = client_errors.error_object(error)
    assert (said.code, said.message) == ("rate_limited", "slow down")
    assert not client_errors.is_connection_error(error)


def test_an_error_of_the_http_library_has_the_status_of_its_response() -> None:
    error = httpx.HTTPStatusError("no", request=REQUEST, response=response(503))
    assert client_errors.is_client_error(error)
    assert client_errors.response_status(error) == 503


def test_an_error_inside_a_stream_has_the_status_that_it_names() -> None:
    error = openai.APIError("no", REQUEST, body={"code": 503, "message": "overloaded"})
    assert client_errors.response_status(error) is None
    assert client_errors.error_status(error) == 503


def test_of_a_body_that_was_read_no_more_than_the_limit_is_taken() -> None:
    error = of_openai(500, {"error": {"message": "x" * 100_000}})
    body = client_errors.error_body(error)
    assert isinstance(body, str)
    assert len(body) == client_errors.MAX_BODY_CHARS
    assert body.startswith('{"error"'), "the whole body, where the client kept the inner object"


def test_other_errors_have_neither_status_nor_body() -> None:
    for error in (ValueError("no"), openai.APIConnectionError(request=REQUEST)):
        assert client_errors.error_status(error) is None
        assert client_errors.error_body(error) is None
    assert not client_errors.is_client_error(ValueError("no"))


@pytest.mark.parametrize(
    ("error", "timeout", "connection"),
    [
        (openai.APITimeoutError(REQUEST), True, True),
        (httpx.ReadTimeout("no"), True, True),
        (raised_by("langchain_openai.chat_models.base", TimeoutError("no")), True, True),
        (raised_by("a.node", TimeoutError("no")), False, False),
        (groq.APIConnectionError(request=REQUEST), False, True),
        (httpx.RemoteProtocolError("no"), False, True),
        (ConnectionResetError("no"), False, True),
        (asyncio.CancelledError(), False, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_timeouts_are_told_from_lost_connections(error: BaseException, timeout: bool, connection: bool) -> None:
    assert client_errors.is_timeout(error) is timeout
    assert client_errors.is_connection_error(error) is connection


@pytest.mark.parametrize(
    ("inner", "refused"),
    [(ssl.SSLCertVerificationError("no"), True), (ssl.SSLEOFError("no"), False), (ssl.SSLZeroReturnError("no"), False)],
)
def test_a_certificate_is_refused_and_a_lost_connection_is_not(inner: ssl.SSLError, refused: bool) -> None:
    error = httpx.ConnectError("no")
    error.__cause__ = inner
    assert client_errors.is_tls_refusal(error) is refused


def test_a_prompt_that_does_not_fit_is_known_by_its_class() -> None:
    assert client_errors.is_context_overflow(ContextOverflowError("no"))
    assert not client_errors.is_context_overflow(ValueError("context length exceeded"))


def test_bytes_that_cannot_be_read_are_damaged() -> None:
    damaged = (json.JSONDecodeError("no", "", 0), UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), RecursionError())
    assert all(client_errors.is_damaged(error) for error in damaged)
    assert not client_errors.is_damaged(ValueError("no"))


def test_an_answer_is_unreadable_only_where_a_client_was_reading_it() -> None:
    reading = "langchain_groq.chat_models"
    assert client_errors.is_unreadable_answer(raised_by(reading, KeyError("choices")))
    assert not client_errors.is_unreadable_answer(raised_by("a.node", KeyError("choices")))
    assert not client_errors.is_unreadable_answer(raised_by(reading, ValueError("no"), "_get_request_payload"))
    assert not client_errors.is_unreadable_answer(raised_by(reading, RuntimeError("no")))
