"""Real HTTP servers on loopback that answer as a provider would, or as something else."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

_EMBEDDED = """
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        answer = json.dumps(asked["messages"]) if sys.argv[1] == "tells" else "Once"
        self.send_chunk({"role": "assistant", "content": answer})
        if sys.argv[1] == "dies":
            os._exit(9)
        self.send_chunk({}, "stop")
        self.wfile.write(b"data: [DONE]" + bytes([10, 10]))
    def send_chunk(self, delta, reason=None):
        chunk = {"id": "x", "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + bytes([10, 10]))
    def log_message(self, *args): pass
server = HTTPServer(("127.0.0.1", 0), Handler)
sys.stdin.readline()
time.sleep(0.3)
print(json.dumps({"address": f"http://127.0.0.1:{server.server_port}"}), flush=True)
server.serve_forever()
"""


def embedded(behaviour: str) -> list[str]:
    """The command of a stand-in for the embedded model: it `answers`, `tells` the messages, or `dies` in the middle."""
    return [sys.executable, "-c", _EMBEDDED, behaviour]


@contextmanager
def answering(
    status: int,
    body: str,
    *,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
    cookies: list[str | None] | None = None,
) -> Iterator[str]:
    """The base URL of a server that gives every request this response; appends the cookies of each to `cookies`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if cookies is not None:
                cookies.append(self.headers.get("Cookie"))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _serving(Handler) as base_url:
        yield base_url


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def redirecting(to: str) -> Iterator[str]:
    """A provider that redirects every request to another address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(307)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _serving(Handler) as base_url:
        yield base_url


@contextmanager
def refusing_to_stream(answer: str, *, empty: bool = False) -> Iterator[str]:
    """A provider without streaming: it refuses a streamed request, or sends an `empty` stream."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not asked.get("stream"):
                self._send(200, "application/json", json.dumps(_completion(answer)))
            elif empty:
                self._send(200, "text/event-stream", "data: [DONE]\n\n")
            else:
                refusal = {
                    "error": {"message": "Your organization must be verified to stream this model.", "param": "stream"}
                }
                self._send(400, "application/json", json.dumps(refusal))

        def _send(self, status: int, kind: str, body: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _serving(Handler) as base_url:
        yield base_url


@contextmanager
def flaky(
    *failures: tuple[int, dict[str, str]], answer: str = "It is so.", stall_after: int | None = None
) -> Iterator[str]:
    """A provider that first fails with these statuses and headers, then streams, up to `stall_after` words if given."""
    remaining = list(failures)
    closing = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if remaining:
                status, headers = remaining.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            for index, word in enumerate(answer.split(" ")):
                if index == stall_after:
                    self.wfile.flush()
                    closing.wait(20)
                    return
                self._event({"content": word + " "})
            self._event({}, finish="stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def _event(self, delta: dict[str, str], finish: str | None = None) -> None:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _serving(Handler) as base_url:
        yield base_url
        closing.set()


def _completion(answer: str) -> dict[str, object]:
    message = {"role": "assistant", "content": answer}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "some-model",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
    }


def dead_endpoint() -> str:
    """The base URL of a port on which nothing listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    return f"http://127.0.0.1:{port}/v1"


def chunk(delta: Mapping[str, object], finish: str | None = None) -> dict[str, object]:
    """One chunk of a chat completion."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def words(text: str) -> list[dict[str, object]]:
    """The chunks of this text, one for each word."""
    return [chunk({"content": piece}) for piece in text.replace(" ", " \0").split("\0")]


@contextmanager
def sending(
    answer: Callable[[dict[str, Any]], Sequence[Mapping[str, object]]],
    *,
    done: bool = True,
    whole: Mapping[str, object] | None = None,
    beside: Mapping[str, object] | None = None,
    pause_s: float = 0.0,
    requests: list[dict[str, Any]] | None = None,
) -> Iterator[str]:
    """The base URL of a server that streams the chunks that `answer` gives for a request, then `[DONE]` if `done`.

    `whole` is the message for requests that do not stream, `beside` is sent beside its choice. Appends each request to
    `requests`.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if requests is not None:
                requests.append(asked)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream" if asked.get("stream") else "application/json")
            self.end_headers()
            if not asked.get("stream"):
                choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", **(whole or {})}}
                self.wfile.write(json.dumps({**_completion(""), "choices": [choice], **(beside or {})}).encode())
                return
            for part in answer(asked):
                self.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
                self.wfile.flush()
                time.sleep(pause_s)
            if done:
                self.wfile.write(b"data: [DONE]\n\n")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with _serving(Handler) as base_url:
        yield base_url
