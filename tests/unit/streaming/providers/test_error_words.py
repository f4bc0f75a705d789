"""What a provider says in its error is read in the shapes and words of many servers, and quoted."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from streaming.core.errors import LabError
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.call_policy import CallPolicy
from streaming.providers.error_mapping import to_lab_error
from streaming.providers.factory import open_model
from streaming.providers.requested_pause import body_pause_s
from streaming.providers.transient_errors import retry_after_s
from tests.support.provider_runs import KEY, compatible
from tests.support.provider_servers import answering

SAID = "the field foo is wrong"


async def failure(status: int, body: object, *, kind: str = "application/json", **headers: str) -> LabError:
    """The error of a call that this response answers; a body that is a text is sent as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    with answering(status, text, content_type=kind, headers=headers) as base_url:
        model = await open_model(
            compatible(base_url), api_key=KEY, policy=CallPolicy(retry_policy=RetryPolicy(max_attempts=1))
        )
        with pytest.raises(Exception) as raised:  # noqa: PT011 - the class of the client is not the point
            async for _ in model.astream("Hello"):
                pass
        return to_lab_error(raised.value, compatible(base_url), secrets=[KEY])


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": SAID}},
        {"object": "error", "message": SAID, "type": "BadRequestError", "code": 400},
        {"error": SAID},
        {"error": [SAID]},
        {"error": {"error": {"message": SAID}}},
        {"detail": SAID},
        {"detail": [{"loc": ["body", "foo"], "msg": SAID, "type": "value_error"}]},
        {"message": {"detail": [{"loc": ["body", "foo"], "msg": SAID}]}},
        {"errors": [{"message": SAID}]},
        {"error": {"type": "https://example.org", "title": SAID, "status": 400}},
        {"error": "bad_request", "error_description": SAID},
        {"fault": {"faultstring": SAID}},
        {"Message": SAID},
        {"success": False, "data": None, "msg": SAID},
        {"errcode": 4, "errmsg": SAID},
        {"base_resp": {"status_code": 1004, "status_msg": SAID}},
        {"title": "One or more validation errors occurred.", "errors": {"Model": [SAID]}},
        {"error": True, "message": SAID},
        {"error": {"message": "Provider returned error", "metadata": {"raw": json.dumps({"error": SAID})}}},
        [{"error": {"code": 400, "message": SAID, "status": "INVALID_ARGUMENT"}}],
        SAID,
        f'"{SAID}"',
        f"<!doctype html><html><title>{SAID}</title></html>",
    ],
)
async def test_the_sentence_of_every_shape_is_quoted(body: object) -> None:
    error = await failure(400, body)
    assert SAID in error.message
    assert type(error).__name__ == "ProviderFailed"


@pytest.mark.parametrize("said", [SAID, {"message": SAID}, {"detail": SAID}, [SAID]])
async def test_an_error_inside_a_stream_is_quoted(said: object) -> None:
    error = await failure(200, f"data: {json.dumps({'error': said})}\n\n", kind="text/event-stream")
    assert SAID in error.message


async def test_a_quote_is_bounded_and_has_no_key() -> None:
    error = await failure(400, {"detail": f"{KEY} " + "é" * 100_000 + KEY})
    assert KEY not in str(error)
    assert len(error.message) < 300


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."),
        (400, "The decoder prompt (length 17772) is longer than the maximum model length of 16384."),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens"),
        (422, "Input validation error: `inputs` must have less than 1024 tokens. Given: 2000"),
        (400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048575)."),
        (400, "Input is too long for requested model."),
        (500, "the request exceeds the available context size. try increasing the context size"),
        (400, "This model's maximum prompt length is 131072 but the request contains 150000 tokens."),
        (413, "Please reduce the length of the messages or completion."),
        (400, "Range of input length should be [1, 30720]"),
        (400, "Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)"),
    ],
)
async def test_an_overflow_is_one_in_the_words_of_every_server(status: int, words: str) -> None:
    found = await failure(status, {"error": {"message": words}})
    assert type(found).__name__ == "ContextOverflow"
    assert words.rstrip(".") in found.message
    in_the_stream = f"event: error\ndata: {json.dumps({'error': {'message': words}})}\n\n"
    error = await failure(200, in_the_stream, kind="text/event-stream")
    assert type(error).__name__ == "ContextOverflow", str(error)


@pytest.mark.parametrize(
    ("status", "fields", "error"),
    [
        (429, {"message": "You exceeded your current quota, check your plan and billing details."}, "OutOfQuota"),
        (402, {"message": "Insufficient credits"}, "OutOfQuota"),
        (400, {"message": "Your credit balance is too low to access the API."}, "OutOfQuota"),
        (429, {"message": "You exceeded your current quota. Please retry in 17.5s."}, "RateLimited"),
        (429, {"message": "Rate limit reached on tokens per minute. Context length 8192"}, "RateLimited"),
        (413, {"message": "Request too large for model on tokens per minute (TPM)"}, "ProviderFailed"),
        (400, {"message": "max_tokens is too large: 9999. This model supports at most 4096"}, "ProviderFailed"),
        (403, {"message": "Country, region, or territory not supported"}, "Refused"),
        (403, {"message": "m requires moderation. Your input was flagged."}, "Refused"),
        (403, {"message": "The upstream account may not use this."}, "Refused"),
        (403, {"message": "Your API key has expired"}, "WrongKey"),
        (401, {"message": "Incorrect API key provided"}, "WrongKey"),
        (404, {"message": "No endpoints found that support tool use."}, "NoTools"),
        (404, {"message": "No endpoints found matching your data policy."}, "ProviderFailed"),
        (404, {"message": "model 'm' not found, try pulling it first"}, "UnknownModel"),
        (400, {"message": "m is not a valid model ID"}, "UnknownModel"),
        (400, {"message": "The model has been decommissioned", "code": "model_decommissioned"}, "UnknownModel"),
        (404, {"message": "Not Found"}, "NotAnLLM"),
        (404, {"message": "The API deployment for this resource does not exist."}, "UnknownModel"),
        (404, {"message": "No endpoints found for foo/bar."}, "UnknownModel"),
        (400, {"message": "API key not valid. Please pass a valid API key."}, "WrongKey"),
        (400, {"message": "Incorrect API key provided: xa***"}, "WrongKey"),
        (400, {"message": "The model takes an api key of tools as its argument"}, "ProviderFailed"),
        (498, {"message": "Invalid Token"}, "WrongKey"),
        (403, {"message": "Your team doesn't have any credits yet."}, "OutOfQuota"),
        (402, {"message": "Cloud credits expired"}, "OutOfQuota"),
        (400, {"message": "Budget has been exceeded! Current cost: 10.5", "type": "budget_exceeded"}, "OutOfQuota"),
        (429, {"message": "Your account is suspended", "type": "exceeded_current_quota_error"}, "OutOfQuota"),
        (400, {"message": "Filtered: see our content management policy", "code": "content_filter"}, "Refused"),
        (400, {"message": "Input data may contain inappropriate content."}, "Refused"),
        (400, {"message": "string too long", "code": "string_above_max_length", "param": "tools[0]"}, "ProviderFailed"),
        (413, {"message": "Request Entity Too Large"}, "ProviderFailed"),
    ],
)
async def test_a_status_is_not_the_reason(status: int, fields: dict[str, str], error: str) -> None:
    found = await failure(status, {"error": fields})
    assert type(found).__name__ == error, str(found)
    assert fields["message"].rstrip(".") in found.message


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("Incorrect API key provided", "WrongKey"),
        ("Not authenticated", "WrongKey"),
        ("Too many requests; queue full", "RateLimited"),
        ("You exceeded your monthly included credits", "OutOfQuota"),
        ("The prompt was flagged by our safety system", "Refused"),
        ("Unexpected endpoint or method. (POST /chat/completions)", "NotAnLLM"),
        ("The moon is full", "ProviderFailed"),
    ],
)
async def test_an_error_in_a_stream_has_no_status_and_its_words_decide(words: str, error: str) -> None:
    said = json.dumps({"error": words})
    for kind, body in (("text/event-stream", f"data: {said}\n\n"), ("application/json", said)):
        found = await failure(200, body, kind=kind)
        assert (type(found).__name__, words.rstrip(" .") in found.message) == (error, True), str(found)


@pytest.mark.parametrize(
    ("status", "words", "calls"),
    [
        (500, "the input length exceeds the context length", 1),
        (500, "tools param requires --jinja flag", 1),
        (500, "CUDA error", 2),
        (503, "server busy, please try again", 2),
    ],
)
async def test_what_waiting_cannot_cure_is_asked_once_whatever_its_status(status: int, words: str, calls: int) -> None:
    requests: list[str | None] = []
    with answering(status, json.dumps({"error": words}), cookies=requests) as base_url:
        policy = CallPolicy(retry_policy=RetryPolicy(max_attempts=2, initial_backoff_s=0.001))
        model = await open_model(compatible(base_url), api_key=KEY, policy=policy)
        with pytest.raises(Exception, match=str(status)):
            await model.ainvoke("Hello")
    assert len(requests) == calls


@pytest.mark.parametrize("words", ["Model is overloaded", "server busy, please try again", "Rate limit reached"])
async def test_a_busy_server_that_says_so_in_a_stream_is_asked_again(words: str) -> None:
    requests: list[str | None] = []
    reported: list[Any] = []
    body = f"data: {json.dumps({'error': words})}\n\n"
    with answering(200, body, content_type="text/event-stream", cookies=requests) as base_url:
        again = RetryPolicy(max_attempts=2, initial_backoff_s=0.001)
        policy = CallPolicy(retry_policy=again, on_event=reported.append)
        model = await open_model(compatible(base_url), api_key=KEY, policy=policy)
        with pytest.raises(Exception, match=r"error|limit|busy"):
            async for _ in model.astream("Hello"):
                pass
    assert len(requests) == 2
    assert [event.reason for event in reported] == ["it reported an error"]


async def test_a_path_that_is_missing_is_offered() -> None:
    with answering(404, "404 page not found", content_type="text/plain") as base_url:
        address = base_url.removesuffix("/v1")
        model = await open_model(compatible(address), api_key=KEY)
        with pytest.raises(Exception, match="404") as raised:
            await model.ainvoke("Hello")
    assert f"{address}/v1" in to_lab_error(raised.value, compatible(address)).advice


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"x-ms-retry-after-ms": "900"}, 0.9),
        ({"x-retry-after": "5"}, 5.0),
        ({"retry-after": "5, 7"}, 7.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:09 GMT", "date": "Sat, 21 Nov 2026 11:00:00 GMT"}, 9.0),
    ],
)
def test_pauses_in_headers(headers: dict[str, str], seconds: float | None) -> None:
    error: Any = SimpleNamespace(response=SimpleNamespace(headers=headers))
    assert retry_after_s(error) == seconds


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-reset-requests": "1m30s", "x-ratelimit-remaining-requests": "0"}, "90 s"),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-requests": "5"}, "6 min"),
        ({"x-ratelimit-reset-requests": "9s", "x-ratelimit-remaining-requests": "5"}, ""),
        ({"x-ratelimit-reset": "30"}, "30 s"),
        ({"x-ratelimit-reset-after": "40"}, "40 s"),
        ({"ratelimit": '"default";r=0;t=50'}, "50 s"),
        ({"x-ratelimit-reset": "86400"}, "24 h"),
    ],
)
async def test_the_reset_of_a_limit_is_a_pause(headers: dict[str, str], wait: str) -> None:
    error = await failure(429, {"error": {"message": "slow down"}}, **headers)
    assert wait in error.advice


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"message": "Please try again in 7.66s."}, 7.66),
        ({"message": "Rate limit reached. Try again in 1m2.5s. Visit the docs"}, 62.5),
        ({"message": "Please retry after 20 seconds."}, 20.0),
        ({"message": "Wait 2 minutes and retry."}, 120.0),
        ({"message": "try again in 250ms"}, 0.25),
        ({"message": "no", "retry_after": 3}, 3.0),
        ({"message": "no", "details": [{"@type": "RetryInfo", "retryDelay": "17s"}]}, 17.0),
        ({"message": "no", "metadata": {"headers": {"Retry-After": "4"}}}, 4.0),
        ({"message": "try again in a while, by 7 seas"}, None),
        ({"message": "no", "retry_after": True}, None),
        ({"message": "no", "retry_after_ms": 200}, 0.2),
        ({"message": "no", "retryDelay": {"seconds": 5, "nanos": 0}}, 5.0),
        ({"message": "Retry in 00:01:30."}, 90.0),
        ({"message": "Slow down, retry after 30."}, 30.0),
        ({"message": "Retry after 10 requests have ended"}, None),
    ],
)
def test_pauses_in_bodies(body: dict[str, Any], seconds: float | None) -> None:
    assert body_pause_s(body, body["message"]) == seconds
