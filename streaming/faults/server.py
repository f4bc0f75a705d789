"""The fault server: real sockets on loopback, one listener a plan.

It is written on bare sockets because no HTTP library would break the protocol on request.
"""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from streaming.faults import wire
from streaming.faults.faulty_stream import ClientGone, FaultyStream
from streaming.faults.plan import ALWAYS, FaultPlan

MAX_ENDPOINTS = 32
HOST = "127.0.0.1"
_MAX_HEAD_BYTES = 65_536
_STATUS = {
    "401": ("401 Unauthorized", "Incorrect API key provided.", "invalid_request_error"),
    "404": ("404 Not Found", "The model does not exist.", "invalid_request_error"),
    "429": ("429 Too Many Requests", "Rate limit reached.", "rate_limit_error"),
    "500": ("500 Internal Server Error", "The server had an error.", "server_error"),
    "503": ("503 Service Unavailable", "The engine is overloaded.", "server_error"),
}
_PAGE = b"<!doctype html><html><body><h1>Welcome to the hotel Wi-Fi</h1><p>Please accept the terms.</p></body></html>"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAction:
    """What the server did, and when (monotonic seconds)."""

    at: float
    text: str


@dataclass(slots=True, kw_only=True)
class Endpoint:
    """A listener that follows one plan, and what it did so far."""

    plan: FaultPlan
    base_url: str = ""
    actions: list[ServerAction] = field(default_factory=list)
    answers: list[FaultyStream] = field(default_factory=list)
    answered: int = 0
    struck: int = 0

    @property
    def sent(self) -> list[str]:
        """The text of each answer, as far as it went out whole."""
        return [answer.sent for answer in self.answers]

    def note(self, text: str) -> None:
        """Write down what was done."""
        self.actions.append(ServerAction(at=time.monotonic(), text=text))


class FaultServer:
    """Opens endpoints on a thread of its own; the oldest are closed when there are too many."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._open: deque[_Listener] = deque()
        threading.Thread(target=self._loop.run_forever, name="fault-server", daemon=True).start()

    def open(self, plan: FaultPlan, *, port: int = 0) -> Endpoint:
        """A new endpoint for this plan."""
        return self._do(self._listen(plan, port))

    def find(self, base_url: str | None) -> Endpoint | None:
        """The endpoint at this address, if it is still open."""
        return next((one.endpoint for one in list(self._open) if one.endpoint.base_url == base_url), None)

    def close(self) -> None:
        """Close all endpoints and end the thread."""
        self._do(self._close_all())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _listen(self, plan: FaultPlan, port: int) -> Endpoint:
        listener = _Listener(Endpoint(plan=plan))
        await listener.open(port)
        self._open.append(listener)
        while len(self._open) > MAX_ENDPOINTS:
            self._open.popleft().close()
        return listener.endpoint

    async def _close_all(self) -> None:
        while self._open:
            self._open.popleft().close()


class _Listener:
    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._server: asyncio.Server | None = None
        self._port = 0
        self._connections: set[asyncio.Task[Any]] = set()
        self._down: asyncio.Task[None] | None = None

    async def open(self, port: int) -> None:
        await self._bind(port)
        scheme = "https" if self.endpoint.plan.fault == "tls" else "http"
        self.endpoint.base_url = f"{scheme}://{HOST}:{self._port}/v1"
        self._refuse_if_due()

    def close(self) -> None:
        if self._down is not None:
            self._down.cancel()
        if self._server is not None:
            self._server.close()
        for talk in list(self._connections):
            talk.cancel()

    async def _bind(self, port: int) -> None:
        self._server = await asyncio.start_server(self._handle_connection, HOST, port, limit=_MAX_HEAD_BYTES)
        self._port = self._server.sockets[0].getsockname()[1]

    def _refuse_if_due(self) -> None:
        """Stop listening where the next call is to be refused; half a second for each time."""
        plan, endpoint = self.endpoint.plan, self.endpoint
        if plan.fault == "refused" and plan.strikes(call=endpoint.answered + 1, struck=endpoint.struck):
            endpoint.struck = plan.times or 1
            endpoint.note("stops listening")
            if self._server is not None:
                self._server.close()
            if plan.times != ALWAYS:
                self._down = asyncio.create_task(self._come_back(0.5 * plan.times))

    async def _come_back(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._bind(self._port)
        self.endpoint.note("listens again")

    async def _handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._connections.add(talk)
        try:
            if self.endpoint.plan.fault == "tls":
                await reader.read(_MAX_HEAD_BYTES)
                self.endpoint.note("answers a TLS greeting in plain HTTP")
                await _send_json(writer, "400 Bad Request", {})
                return
            while (asked := await _read_request(reader)) is not None:
                path, body = asked
                if not await self._serve(path, body, writer):
                    break
        except asyncio.CancelledError:
            pass  # the listener is closed; nobody waits for this task
        except (ClientGone, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            self._connections.discard(talk)
            with suppress(ConnectionError):
                writer.close()

    async def _serve(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection is still good."""
        if not path.endswith("/chat/completions"):
            await _send_json(writer, "200 OK", {"object": "list", "data": [{"id": wire.MODEL, "object": "model"}]})
            return True
        endpoint, plan = self.endpoint, self.endpoint.plan
        call = endpoint.answered + 1
        strikes = plan.strikes(call=call, struck=endpoint.struck)
        endpoint.struck += strikes
        asked = json.loads(body)
        answer = FaultyStream(asked, plan=plan, call=call, strikes=strikes)
        if strikes and (done := await self._instead(writer, call)) is not None:
            return done
        if not asked.get("stream"):
            endpoint.note(f"call {call}: the whole answer at once")
            await asyncio.sleep(plan.ttft_s + len(answer.tokens) / plan.tokens_per_s)
            answer.sent = "".join(answer.tokens)
            endpoint.answers.append(answer)
            await _send_json(writer, "200 OK", wire.completion(answer.sent, len(answer.tokens)))
            good = True
        else:
            endpoint.note(f"call {call}: {answer.intent()}")
            endpoint.answers.append(answer)
            good = await answer.stream(writer)
        if not strikes or plan.kind.once[plan.when] in ("whole", "unnoticed"):
            endpoint.answered += 1
            self._refuse_if_due()
            # A connection that is kept open would pass by a closed door.
            return good and plan.fault != "refused"
        return good

    async def _instead(self, writer: asyncio.StreamWriter, call: int) -> bool | None:
        """A fault that takes the whole answer's place; `None` if this one does not."""
        plan = self.endpoint.plan
        if (said := _STATUS.get(plan.fault)) is not None:
            status, message, kind = said
            more = {"Retry-After": f"{plan.retry_after_s:g}"} if plan.fault == "429" else None
            self.endpoint.note(
                f"call {call}: {status}" + (f", {'; '.join(f'{n}: {v}' for n, v in more.items())}" if more else "")
            )
            await _send_json(writer, status, wire.error(message, kind=kind, code=int(plan.fault)), more)
            return True
        if plan.fault == "wrong-type":
            self.endpoint.note(f"call {call}: 200 OK with a web page")
            writer.write(wire.head("200 OK", kind="text/html", length=len(_PAGE)) + _PAGE)
            await writer.drain()
            return True
        if plan.fault == "slow-headers":
            self.endpoint.note(f"call {call}: takes the request and is silent")
            await asyncio.sleep(plan.hold_s)
            return False
        return None


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, bytes] | None:
    """Path and body of the next request; `None` at the end of the connection."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length") or 0))
    return first.split(" ")[1], body


async def _send_json(
    writer: asyncio.StreamWriter, status: str, said: dict[str, Any], more: dict[str, str] | None = None
) -> None:
    body = json.dumps(said).encode()
    writer.write(wire.head(status, kind="application/json", length=len(body), more=more) + body)
    await writer.drain()
