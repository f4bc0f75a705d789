"""Who may start and stop runs over HTTP."""

import asyncio
import hmac
from collections.abc import Callable

from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from streaming.config.settings import Settings
from streaming.http.websocket import origin_allowed

MAX_BODY = 512_000
"""Bytes; the prompt's own limit is lower."""
BODY_S = 20.0
"""The longest time for a whole body: a client that sends a byte now and then would hold its connection for good."""


class RunGuard:
    """Refuses pages of other origins, a wrong token, and everyone where a server that others reach has no token."""

    def __init__(self, settings: Settings, *, local_only: Callable[[], bool]) -> None:
        self._settings = settings
        self._local_only = local_only

    @property
    def needs_token(self) -> bool:
        """Whether a token has to be sent."""
        return self._settings.api_token is not None

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request that must not start or stop a run; `None` if it may."""
        if not origin_allowed(request, trust_proxy=self._settings.trust_proxy):
            return error_answer("A page of another origin cannot start or stop runs here.", 403)
        if self._settings.api_token is None:
            if self._local_only():
                return None
            text = "Others can reach this server, so runs over HTTP need a token. Set STREAMING_LAB_API_TOKEN on it."
            return error_answer(text, 403)
        if has_token(request, self._settings):
            return None
        return error_answer(
            "Send this server's token: “Authorization: Bearer …”.", 401, headers={"WWW-Authenticate": "Bearer"}
        )


def has_token(request: HTTPConnection, settings: Settings) -> bool:
    """Whether the request has the server's token; `False` where the server has none."""
    if settings.api_token is None:
        return False
    wanted = f"Bearer {settings.api_token.get_secret_value()}".encode()
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted)


def error_answer(text: str, status: int, *, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error as one sentence."""
    return JSONResponse({"error": text}, status_code=status, headers=headers)


async def read_json(request: Request) -> bytes | Response:
    """The body, or the answer to one that is too large, too slow or not declared as JSON, which a form cannot do."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return error_answer("Send the request as JSON, with “Content-Type: application/json”.", 415)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    return error_answer(f"The body has more than {MAX_BODY:,} bytes, which is the limit.", 413)
    except TimeoutError:
        text = f"The body did not come within {BODY_S:g} seconds."
        return error_answer(text, 408, headers={"Connection": "close"})
    except ClientDisconnect:
        # Nobody reads it; an error would put a stack into the log for each client that leaves.
        return error_answer("The client left.", 400)
    return bytes(body)
