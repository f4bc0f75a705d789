"""What the server answers over HTTP beside the app: health, metrics, the events of a run, and the limits of `/api`."""

import time
from collections.abc import AsyncIterator, Callable
from functools import cache
from threading import Lock

from anyio import CapacityLimiter, to_thread
from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming.lab import lab, load
from streaming.models import local_server
from streaming.rates import Windows
from streaming.recording import dump_event
from streaming.run import Run
from streaming.telemetry import telemetry

API = "/api/"
FRAME_S = 0.05
HEALTH_S = 3.0
"""So long an answer about the database counts, and so long one is waited for."""

MOST_FOLLOWERS = 100
_MOST_DIGITS = 18


class Health:
    """Whether a run can start, asked of the threads' memory at most once in `HEALTH_S`; for waiting threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._asked: float | None = None
        self._trouble: str | None = None

    def trouble(self) -> str | None:
        """What stands against a run, in a sentence."""
        with self._lock:
            if self._asked is None or self._clock() - self._asked >= HEALTH_S:
                self._trouble = lab().memory_trouble(timeout_s=HEALTH_S)
                self._asked = self._clock()
            return self._trouble


def health(request: Request) -> JSONResponse:
    """200 if the server can take a run, else 503 with the reason; the embedded model's state stands beside it.

    A plain function, so that it waits in a thread.
    """
    trouble = _health().trouble()
    said = {"status": "ok"} if trouble is None else {"status": "unavailable", "reason": trouble}
    return JSONResponse({**said, "model": local_server().state}, status_code=200 if trouble is None else 503)


@cache
def _health() -> Health:
    return Health()


def metrics(request: Request) -> Response:
    """The metrics in Prometheus' text format; a plain function, so that it waits in a thread."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    telemetry(load)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def run_events(request: Request) -> Response:
    """A run's events as server-sent events, live or late; `Last-Event-ID` goes on after that one.

    Whoever knows the id of a run may follow it. A slow client slows only itself: what came meanwhile is sent at once.
    """
    run = lab().get(request.path_params["run_id"])
    if run is None:
        return JSONResponse({"error": "There is no such run here, or no longer."}, status_code=404)
    last = request.headers.get("last-event-id", "")
    # Python refuses to read a number of thousands of digits.
    first = int(last) + 1 if last.isdecimal() and len(last) <= _MOST_DIGITS else 0
    if run.ended is not None and first >= run.length:
        return Response(status_code=204)  # tells an `EventSource` not to connect again
    return EventSourceResponse(_events(run, first))


async def _events(run: Run, first: int) -> AsyncIterator[ServerSentEvent]:
    batches = run.follow(first, frame_s=FRAME_S)
    try:
        while (batch := await to_thread.run_sync(next, batches, None, limiter=_followers())) is not None:
            for stamped in batch:
                data = dump_event(stamped).decode()
                yield ServerSentEvent(data, event=stamped.event.kind, id=str(stamped.seq))
    finally:
        batches.close()


@cache
def _followers() -> CapacityLimiter:
    """Threads that wait for events, apart from those of everybody else."""
    return CapacityLimiter(MOST_FOLLOWERS)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/healthz", health),
    Route(f"{API}metrics", metrics),
    Route(f"{API}runs/{{run_id}}/events", run_events),
)


class ClientLimit:
    """So many requests a minute from one address to `/api`; beyond them 429 with `Retry-After`.

    Whoever connects from this machine can say in `X-Forwarded-For` that he is somebody else, and uvicorn believes it.
    Unless `trust_proxy` says that a proxy writes that header, all who bring one are one client.
    """

    def __init__(
        self, app: ASGIApp, *, most: int, trust_proxy: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        self._app = app
        self._trust_proxy = trust_proxy
        self._limit = RateLimitItemPerMinute(most)
        self._limiter = MovingWindowRateLimiter(Windows())
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._client(scope)
        mine = scope["type"] == "http" and scope["path"].startswith(API)
        if not mine or self._limiter.hit(self._limit, client):
            await self._app(scope, receive, send)
            return
        left = max(1, round(self._limiter.get_window_stats(self._limit, client).reset_time - self._clock()))
        said = {"error": f"At most {self._limit.amount} requests a minute: try again in {left} s."}
        await JSONResponse(said, status_code=429, headers={"Retry-After": str(left)})(scope, receive, send)

    def _client(self, scope: Scope) -> str:
        headers = () if self._trust_proxy else scope.get("headers", ())
        if any(name == b"x-forwarded-for" for name, _ in headers):
            return "forwarded"
        return str((scope.get("client") or ("unknown",))[0])
