"""An error in a stream of events reaches the client in one shape, wherever and however a server writes it."""

import json

import pytest

from streaming.providers.body_limits import Body

CHUNK = b'data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'
SAID = "the upstream exploded"


def read(stream: bytes) -> list[bytes]:
    """The events that a client gets of this stream."""
    body = Body(status=200, content_type="text/event-stream", encoding="", streams=True, keys=[])
    return [event for event in b"".join([*body.feed(stream), *body.finish()]).split(b"\n\n") if event]


@pytest.mark.parametrize(
    "event",
    [
        f'data: {{"error": {{"message": "{SAID}"}}}}',
        f'data: {{"error": true, "message": "{SAID}"}}',
        f'data: {{"success": false, "msg": "{SAID}"}}',
        f'data: {{"Message": "{SAID}"}}',
        f'event: error\ndata: {{"detail": "{SAID}"}}',
        f"event: error\ndata: {SAID}",
        f'data: "{SAID}"',
        f'data: [{{"error": {{"message": "{SAID}"}}}}]',
        f"data: [ERROR] {SAID}",
        f"data: Error: {SAID}",
        f'error: {{"code": 500, "message": "{SAID}"}}',
        f'{{"error": "{SAID}"}}',
        f'data: {{"choices": [{{"delta": {{}}, "finish_reason": "error", "error": {{"message": "{SAID}"}}}}]}}',
    ],
)
@pytest.mark.parametrize("before", [b"", CHUNK])
def test_an_error_is_one_wherever_a_server_writes_it(event: str, before: bytes) -> None:
    *first, last = read(before + event.encode() + b"\n\n")
    assert [line + b"\n\n" for line in first] == ([before] if before else [])
    error = json.loads(last.removeprefix(b"data: "))["error"]
    assert SAID in json.dumps(error)


@pytest.mark.parametrize(
    "event",
    [
        'data: {"choices": [{"delta": {"content": "{\\"error\\": 1}"}}]}',
        'data: {"choices": [{"delta": {"content": "a"}, "error": null}]}',
        'data: {"choices": [], "message": "no error"}',
        "data: [DONE]",
        'data: {"id": "1"}',
        'data: {"error": null}',
    ],
)
def test_a_chunk_of_an_answer_is_no_error(event: str) -> None:
    assert read(event.encode() + b"\n\n") == [event.encode()]
