"""The bytes of the fault server: HTTP heads, chunks of a chat completion, and errors."""

import json
from collections.abc import Mapping
from typing import Any

MODEL = "fault-lab"
DONE = b"data: [DONE]\n\n"
EVENT_STREAM = "text/event-stream"


def head(status: str, *, kind: str, length: int | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """The head of a response: with its length, or chunked."""
    body = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
    fields = {"Content-Type": kind, **body, **(headers or {})}
    rows = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(rows) + "\r\n\r\n").encode()


def framed(data: bytes) -> bytes:
    """One chunk of HTTP's chunked encoding; an empty one ends the body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def event(data: Mapping[str, Any]) -> bytes:
    """One server-sent event."""
    return f"data: {json.dumps(data)}\n\n".encode()


def delta(text: str | None, *, finish: str | None = None, answer: int = 1) -> dict[str, Any]:
    """A chunk of a chat completion; the first one has a role and no text."""
    content = {} if finish else {"role": "assistant", "content": ""} if text is None else {"content": text}
    return _chunk(answer, [{"index": 0, "delta": content, "finish_reason": finish}])


def usage(prompt: int, tokens: int, *, answer: int = 1) -> dict[str, Any]:
    """The last chunk, with the number of tokens."""
    counts = {"prompt_tokens": prompt, "completion_tokens": tokens, "total_tokens": prompt + tokens}
    return {**_chunk(answer, []), "usage": counts}


def completion(text: str, tokens: int) -> dict[str, Any]:
    """A whole answer, for a request without `stream`."""
    message = {"role": "assistant", "content": text}
    return {
        "id": "fault-lab-whole",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": tokens, "total_tokens": tokens},
    }


def error(message: str, *, kind: str, code: int) -> dict[str, Any]:
    """An error in OpenAI's format."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _chunk(answer: int, choices: list[dict[str, Any]]) -> dict[str, Any]:
    name = f"fault-lab-{answer}"
    return {"id": name, "object": "chat.completion.chunk", "created": 0, "model": MODEL, "choices": choices}
