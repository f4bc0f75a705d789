"""Rate limit for each client address on `/api`."""

from collections.abc import Sequence

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from streaming.http.routes import API
from streaming.runtime.rate_limit import WINDOW_S, MovingWindow


class ClientLimit:
    """ASGI middleware: a client over `per_minute` requests a minute gets 429 with `Retry-After`.

    uvicorn trusts `X-Forwarded-For` from this machine, so a local client could use a new address for each request.
    Unless `trust_proxy` says that a proxy sets that header, all requests with it count as one client. Paths
    that begin with one of `exempt` are not counted.
    """

    def __init__(self, app: ASGIApp, *, per_minute: int, trust_proxy: bool = False, exempt: Sequence[str] = ()) -> None:
        self._app = app
        self._trust_proxy = trust_proxy
        self._per_minute = per_minute
        self._exempt = tuple(exempt)
        self._window = MovingWindow(window_s=WINDOW_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        path = scope["path"] if scope["type"] == "http" else ""
        limited = path.startswith(API) and not path.startswith(self._exempt)
        client = self._client(scope) if limited else ""
        if not limited or self._window.hit(client, limit=self._per_minute):
            await self._app(scope, receive, send)
            return
        wait_s = max(1, round(self._window.wait_s(client, limit=self._per_minute)))
        body = {"error": f"{self._per_minute} requests a minute are the limit. Try again in {wait_s} s."}
        await JSONResponse(body, status_code=429, headers={"Retry-After": str(wait_s)})(scope, receive, send)

    def _client(self, scope: Scope) -> str:
        headers = () if self._trust_proxy else scope.get("headers", ())
        if any(name == b"x-forwarded-for" for name, _ in headers):
            return "forwarded"
        return str((scope.get("client") or ("unknown",))[0])
