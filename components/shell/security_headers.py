"""Headers of every answer that limit what other pages and the browser do with it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    # The app frames parts of itself; other pages must not lay it under their own buttons.
    "content-security-policy": "frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    # The URL of a page holds ids that give access to runs.
    "referrer-policy": "same-origin",
}


class SecurityHeaders:
    """Middleware that adds the headers, unless a route has set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)
