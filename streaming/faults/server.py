"""The fault server: real sockets on loopback, one listener for each plan.

It is written on bare sockets because an HTTP library would not break the protocol.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from streaming.core.background_loop import BackgroundLoop
from streaming.core.events import ProviderStep
from streaming.core.run import Run
from streaming.faults import wire
from streaming.faults.faulty_stream import ClientGone, FaultyStream
from streaming.faults.plan import ALWAYS, FaultPlan

MAX_IDLE_ENDPOINTS = 32
"""Endpoints that no run uses stay open for a while, so that a run that broke off can be continued there."""

MAX_IDLE_S = 900.0
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
    """One plan with its address, and what its listener has done; `answered` and `struck` count calls."""

    plan: FaultPlan
    base_url: str = ""
    actions: list[ServerAction] = field(default_factory=list)
    answers: list[FaultyStream] = field(default_factory=list)
    answered: int = 0
    struck: int = 0
    _report: Callable[[str], object] | None = None
    _reported_once: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def sent(self) -> list[str]:
        """The text of each answer, as far as its chunks were sent completely."""
        return [answer.sent for answer in self.answers]

    def note(self, text: str) -> None:
        """Log an action, and report it."""
        with self._lock:
            self.actions.append(ServerAction(at=time.monotonic(), text=text))
            if self._report is not None:
                self._report(text)

    def report_to(self, report: Callable[[str], object] | None) -> None:
        """Report each further action; the first receiver also gets the earlier ones, such as “stops listening”."""
        with self._lock:
            self._report = report
            if report is not None and not self._reported_once:
                self._reported_once = True
                for action in self.actions:
                    report(action.text)


class FaultServer:
    """Opens endpoints on a thread of its own.

    An endpoint belongs to the runs that use it: it is never closed while one of them is unfinished. Afterwards it
    stays open for `MAX_IDLE_S`, for a run that continues there, among the `MAX_IDLE_ENDPOINTS` newest ones.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._background = BackgroundLoop("fault-server")
        self._lock = threading.Lock()
        self._open: dict[str, _Listener] = {}

    def open(self, plan: FaultPlan, *, port: int = 0) -> Endpoint:
        """A new endpoint for this plan; closes idle ones that are too old or too many."""
        listener = self._wait_for(self._listen(plan, port))
        with self._lock:
            listener.idle_since = self._clock()
            self._open[listener.endpoint.base_url] = listener
            surplus = self._surplus()
            for idle in surplus:
                del self._open[idle.endpoint.base_url]
        self._wait_for(_close_all(surplus))
        return listener.endpoint

    def find(self, base_url: str | None) -> Endpoint | None:
        """The endpoint at this address, if it is still open."""
        listener = self._open.get(base_url or "")
        return listener.endpoint if listener else None

    def attach(self, run: Run) -> None:
        """Keep the endpoint of this run open until `release`, and log its steps as events of the run."""
        with self._lock:
            listener = self._open.get(run.request.model.base_url or "")
            if listener is None:
                return
            listener.users += 1
        run.on_begin(lambda: listener.endpoint.report_to(lambda text: _log_step(run, text)))

    def release(self, run: Run) -> None:
        """Let go of the endpoint of a run that has ended."""
        with self._lock:
            listener = self._open.get(run.request.model.base_url or "")
            if listener is None:
                return
            listener.users -= 1
            listener.idle_since = self._clock()

    def close(self) -> None:
        """Close all endpoints and end the thread."""
        with self._lock:
            listeners = list(self._open.values())
            self._open.clear()
        self._wait_for(_close_all(listeners))
        self._background.close()

    def _surplus(self) -> "list[_Listener]":
        unused = (listener for listener in self._open.values() if not listener.users)
        idle = sorted(unused, key=lambda listener: listener.idle_since)
        oldest, newest = idle[:-MAX_IDLE_ENDPOINTS], idle[-MAX_IDLE_ENDPOINTS:]
        return oldest + [listener for listener in newest if self._clock() - listener.idle_since > MAX_IDLE_S]

    def _wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        return self._background.submit(work).result(timeout=10)

    async def _listen(self, plan: FaultPlan, port: int) -> "_Listener":
        listener = _Listener(Endpoint(plan=plan))
        await listener.open(port)
        return listener


async def _close_all(listeners: "Iterable[_Listener]") -> None:
    for listener in listeners:
        listener.close()


def _log_step(run: Run, text: str) -> None:
    # A run that has ended takes no more events; the server may act later, when it notices that the client has left.
    with suppress(RuntimeError):
        run.append(ProviderStep(text=text))


class _Listener:
    """The socket of one endpoint; `users` counts the unfinished runs on it, `idle_since` is on the server's clock."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.users = 0
        self.idle_since = 0.0
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
        for connection in list(self._connections):
            connection.cancel()

    async def _bind(self, port: int) -> None:
        self._server = await asyncio.start_server(self._handle_connection, HOST, port, limit=_MAX_HEAD_BYTES)
        self._port = self._server.sockets[0].getsockname()[1]

    def _refuse_if_due(self) -> None:
        """Stop listening if the plan refuses the next call; for half a second for each time that it strikes."""
        plan, endpoint = self.endpoint.plan, self.endpoint
        if plan.fault == "refused" and plan.applies_to(call=endpoint.answered + 1, struck=endpoint.struck):
            endpoint.struck = plan.times or 1
            endpoint.note("stops listening")
            if self._server is not None:
                self._server.close()
            if plan.times != ALWAYS:
                self._down = asyncio.create_task(self._listen_again(0.5 * plan.times))

    async def _listen_again(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._bind(self._port)
        self.endpoint.note("listens again")

    async def _handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            if self.endpoint.plan.fault == "tls":
                await reader.read(_MAX_HEAD_BYTES)
                self.endpoint.note("answers a TLS greeting in plain HTTP")
                await _send_json(writer, "400 Bad Request", {})
                return
            while (request := await _read_request(reader)) is not None:
                path, body = request
                if not await self._serve(path, body, writer):
                    break
        except asyncio.CancelledError:
            pass  # the listener is closed, and no task awaits this one
        except (ClientGone, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            self._connections.discard(connection)
            with suppress(ConnectionError):
                writer.close()

    async def _serve(self, path: str, body: bytes, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection can be used again."""
        if not path.endswith("/chat/completions"):
            await _send_json(writer, "200 OK", {"object": "list", "data": [{"id": wire.MODEL, "object": "model"}]})
            return True
        endpoint, plan = self.endpoint, self.endpoint.plan
        call = endpoint.answered + 1
        faulty = plan.applies_to(call=call, struck=endpoint.struck)
        endpoint.struck += faulty
        request = json.loads(body)
        answer = FaultyStream(request, plan=plan, call=call, faulty=faulty)
        if faulty and (reusable := await self._refuse(writer, call)) is not None:
            return reusable
        if not request.get("stream"):
            endpoint.note(f"call {call}: the whole answer at once")
            await asyncio.sleep(plan.ttft_s + len(answer.tokens) / plan.tokens_per_s)
            answer.sent = "".join(answer.tokens)
            endpoint.answers.append(answer)
            await _send_json(writer, "200 OK", wire.completion(answer.sent, len(answer.tokens)))
            reusable = True
        else:
            endpoint.note(f"call {call}: {answer.description()}")
            endpoint.answers.append(answer)
            reusable = await answer.stream(writer)
        if not faulty or plan.kind.once[plan.when] in ("whole", "unnoticed"):
            endpoint.answered += 1
            self._refuse_if_due()
            # A reused connection would not notice that the listener has closed.
            return reusable and plan.fault != "refused"
        return reusable

    async def _refuse(self, writer: asyncio.StreamWriter, call: int) -> bool | None:
        """Send the fault that replaces a whole answer; `None` if the plan's fault does not."""
        plan = self.endpoint.plan
        if (error := _STATUS.get(plan.fault)) is not None:
            status, message, kind = error
            headers = {"Retry-After": f"{plan.retry_after_s:g}"} if plan.fault == "429" else {}
            fields = "".join(f", {name}: {value}" for name, value in headers.items())
            self.endpoint.note(f"call {call}: {status}{fields}")
            await _send_json(writer, status, wire.error(message, kind=kind, code=int(plan.fault)), headers)
            return True
        if plan.fault == "wrong-type":
            self.endpoint.note(f"call {call}: 200 OK with a web page")
            writer.write(wire.head("200 OK", kind="text/html", length=len(_PAGE)) + _PAGE)
            await writer.drain()
            return True
        if plan.fault == "slow-headers":
            self.endpoint.note(f"call {call}: takes the request and sends nothing")
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
    writer: asyncio.StreamWriter, status: str, content: dict[str, Any], headers: dict[str, str] | None = None
) -> None:
    body = json.dumps(content).encode()
    writer.write(wire.head(status, kind="application/json", length=len(body), headers=headers) + body)
    await writer.drain()
