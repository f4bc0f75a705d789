"""Limit requests per client to `/api`."""

import time
from collections.abc import Callable

from limits import RateLimitItemPerMinute
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming.http.routes import API
from streaming.runtime.rate_limit import ExpiringMemoryStorage


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
        self._limiter = MovingWindowRateLimiter(ExpiringMemoryStorage())
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
