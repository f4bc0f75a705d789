"""What the server answers over HTTP beside the app: health, metrics, and the limits of `/api`."""

import time
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming.lab import load
from streaming.models import local_server
from streaming.telemetry import telemetry

API = "/api/"


async def health(request: Request) -> JSONResponse:
    """200 as soon as the server can take a run; the embedded model's state stands beside it."""
    return JSONResponse({"status": "ok", "model": local_server().state})


def metrics(request: Request) -> Response:
    """The metrics in Prometheus' text format; a plain function, so that it waits in a thread."""
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    telemetry(load)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


ROUTES: tuple[BaseRoute, ...] = (Route("/healthz", health), Route(f"{API}metrics", metrics))


class ClientLimit:
    """So many requests a minute from one address to `/api`; beyond them 429 with `Retry-After`."""

    def __init__(self, app: ASGIApp, *, most: int, clock: Callable[[], float] = time.time) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(most)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = (scope.get("client") or ("unknown",))[0]
        mine = scope["type"] == "http" and scope["path"].startswith(API)
        if not mine or self._limiter.hit(self._limit, client):
            await self._app(scope, receive, send)
            return
        left = max(1, round(self._limiter.get_window_stats(self._limit, client).reset_time - self._clock()))
        said = {"error": f"At most {self._limit.amount} requests a minute: try again in {left} s."}
        await JSONResponse(said, status_code=429, headers={"Retry-After": str(left)})(scope, receive, send)
