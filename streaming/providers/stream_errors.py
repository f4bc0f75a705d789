"""Errors inside a stream of events, and JSON instead of a stream, in the one shape that the clients know.

The clients raise what comes as `{"error": …}`, and nothing else: they stumble over a sentence, a list, or an error in
another field.
"""

import re

import orjson

from streaming.providers.error_body import read_error

MAX_ERROR_BYTES = 64_000
"""The rest of an error is not read."""

_SAYS_SOMETHING = re.compile(
    rb'"(?:error|errors|detail|[mM]essage|msg|err_?msg|error_msg|error_message|status_msg)"\s*:'
)
_BEGINS_WITH_ERROR = re.compile(rb"(?i)\s*\[?error\b")


def parsed(data: bytes) -> object:
    """The value of this JSON; `None` if it is none."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def is_error(data: bytes) -> bool:
    """Whether an event says what an error says, as JSON or in plain words, and is no chunk of an answer."""
    begin = data.lstrip()[:1]
    if b'"choices"' in data or data.startswith(b"[DONE]"):
        return False
    if begin == b"{":
        return _SAYS_SOMETHING.search(data[:MAX_ERROR_BYTES]) is not None
    return (begin in (b'"', b"[") and parsed(data) is not None) or _BEGINS_WITH_ERROR.match(data) is not None


def as_error(data: bytes) -> bytes | None:
    """An error in the shape `{"error": …}`; `None` if the data has it already, or says nothing."""
    body = parsed(data)
    if body is None or isinstance(body, str):
        text = body or data.decode(errors="replace")[:MAX_ERROR_BYTES]
        return orjson.dumps({"error": {"message": text}}) if text.strip() else None
    if isinstance(body, dict) and (_has_error(body) or not read_error(body).message):
        return None
    return orjson.dumps({"error": body})


def error_of_choice(data: bytes) -> bytes | None:
    """The error that a router puts into the choice of a chunk (OpenRouter), as one of the whole stream."""
    body = parsed(data) if b'"error":' in data[-MAX_ERROR_BYTES:].replace(b" ", b"") else None
    choices = body.get("choices") if isinstance(body, dict) else None
    first = choices[0] if isinstance(choices, list) and choices else None
    error = first.get("error") if isinstance(first, dict) else None
    return orjson.dumps({"error": error}) if error else None


def json_error(whole: bytes) -> bytes | None:
    """The error in a body that is JSON, or a web page, where a stream was asked for; `None` if it says nothing."""
    body = parsed(whole)
    if body is None and whole.lstrip()[:1] == b"<":
        page = read_error(whole[:MAX_ERROR_BYTES].decode(errors="replace")).message
        return orjson.dumps({"error": {"message": page}})
    if not isinstance(body, dict) or not read_error(body).message:
        return None
    return orjson.dumps(body if _has_error(body) else {"error": body})


def _has_error(body: dict[str, object]) -> bool:
    """Whether the clients find the words: some servers send only `"error": true`, and the words beside it."""
    return bool(body.get("error")) and isinstance(body["error"], dict | str | list)
