"""Why a call failed, in a few words, and whether only its wish for a stream was refused."""

import json
from typing import Any

import httpx
import openai
import pytest

from streaming.core.errors import TooSlow
from streaming.providers.failure_reasons import cut_reason, refuses_to_stream, short_reason

REQUEST = httpx.Request("POST", "http://127.0.0.1/v1/chat/completions")


def refused(status: int, error: dict[str, Any]) -> openai.APIStatusError:
    response = httpx.Response(status, json={"error": error}, request=REQUEST)
    return openai.APIStatusError("refused", response=response, body=error)  # type: ignore[arg-type]


def caused_by(cause: Exception) -> Exception:
    try:
        raise ValueError("outer") from cause
    except ValueError as error:
        return error


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        (NotImplementedError(), True),
        (refused(400, {"message": "no", "param": "stream"}), True),
        (refused(400, {"message": "Streaming is not supported", "param": "tools"}), False),
        (refused(422, {"message": "stream must be false"}), True),
        (refused(400, {"message": "Your organization must be verified to stream this model."}), True),
        (refused(400, {"message": "The upstream is not available"}), False),
        (refused(400, {"message": "stream_options is not supported"}), False),
        (refused(500, {"message": "Streaming is not supported"}), False),
        (ValueError("streaming is not supported"), False),
    ],
)
def test_a_refusal_of_the_stream_is_told_from_other_refusals(error: Exception, refuses: bool) -> None:
    assert refuses_to_stream(error) is refuses


@pytest.mark.parametrize(
    ("error", "short", "cut"),
    [
        (refused(429, {"message": "Slow down."}), "status 429", "the provider reported “Slow down”"),
        (TooSlow("x", advice="y", answer_started=False), "no first chunk within the limit", "TooSlow"),
        (httpx.ReadTimeout("x"), "the connection timed out", "the connection timed out"),
        (httpx.ReadError("x"), "the connection failed", "the connection was closed"),
        (ConnectionResetError(), "the connection failed", "the connection was closed"),
        (
            caused_by(json.JSONDecodeError("x", "{", 0)),
            "a chunk of it was not valid JSON",
            "a chunk of it was not valid JSON",
        ),
        (
            caused_by(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x")),
            "a piece of it was not UTF-8",
            "a piece of it was not UTF-8",
        ),
        (ZeroDivisionError(), "ZeroDivisionError", "ZeroDivisionError"),
    ],
)
def test_the_reason_is_a_few_words(error: Exception, short: str, cut: str) -> None:
    assert (short_reason(error), cut_reason(error)) == (short, cut)
