"""With the setting `login`, `/api` and uploads are for users and holders of the server's token only.

Streamlit reads its cookie when a connection opens, and never again. Here a connection also ends with its login: when
the user logs out in any tab of the browser, and when the cookie is too old.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from components.shell.ended_logins import EndedLogins
from components.shell.session_limit import STREAM
from components.shell.upload_limit import UPLOADS
from components.shell.user_identity import Login, is_login_cookie, login_in
from streaming.http.guard import error_answer, has_token
from streaming.http.routes import API
from streaming.services import Services

LOGOUT = "/auth/logout"
"""Streamlit's route, below the app's address."""
CHECK_S = 60.0
"""How often an open connection's cookie is looked at again."""

_REFUSED = 1008
_SENTENCE = "Log in to the app first, or send this server's token."


class LoginWall:
    """Middleware that refuses the others, and names the owner of a user's runs in `request.state.owner`.

    Streamlit's other routes stay open, because they draw the page with the button to log in, and so do paths that begin
    with one of `exempt`.
    """

    def __init__(
        self, app: ASGIApp, *, services: Services, exempt: Sequence[str] = (), check_s: float = CHECK_S
    ) -> None:
        self.app = app
        self._exempt = tuple(exempt)
        self._services = services
        self._check_s = check_s
        self._ended = EndedLogins(lambda: services.login_store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        path = scope.get("path", "")
        if not self._services.settings.login or scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif path.endswith(LOGOUT):
            await self._log_out(scope, receive, send)
        elif path.endswith(STREAM):
            await self._draw(scope, receive, send)
        elif (path.startswith(API) and not path.startswith(self._exempt)) or UPLOADS in path:
            await self._admit(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _log_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        """End the login of this browser; what it has cached of the app goes too."""
        if login := login_in(HTTPConnection(scope).cookies):
            await self._ended.end(login.key)

        async def send_clearing(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Clear-Site-Data"] = '"cache"'
            await send(message)

        await self.app(scope, receive, send_clearing)

    async def _draw(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The connection of a tab: without a login that goes on, it draws the button to log in."""
        if login := await self._login(scope):
            await self._while_logged_in(login, scope, receive, send)
        else:
            await self.app(_without_login(scope), receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HTTPConnection(scope)
        if login := await self._login(scope):
            request.state.owner = self._services.signed_owners.of_user(login.user)
            await self._while_logged_in(login, scope, receive, send)
        elif has_token(request, self._services.settings):
            await self.app(scope, receive, send)
        else:
            await _refuse(scope, receive, send)

    async def _login(self, scope: Scope) -> Login | None:
        login = login_in(HTTPConnection(scope).cookies)
        if login is None:
            return None
        await self._ended.refresh()
        return login if login.key not in self._ended else None

    async def _while_logged_in(self, login: Login, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the request until it is done or its login has ended."""
        answer = _Answer(send)
        with self._ended.open(login.key) as ended:
            task = asyncio.ensure_future(self.app(scope, receive, answer.send))
            end = asyncio.ensure_future(ended.wait())
            try:
                while not (task.done() or end.done()):
                    await asyncio.wait((task, end), timeout=self._check_s, return_when=asyncio.FIRST_COMPLETED)
                    if await self._login(scope) is None:
                        break
                if not task.done():
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                    await answer.finish(scope, receive)
                    return
            finally:
                end.cancel()
                task.cancel()
        await task


class _Answer:
    """What has been sent, so that it can be ended in form."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = self._done = False

    async def send(self, message: Message) -> None:
        """Send a message of the answer."""
        self._begun = True
        self._done = message["type"] == "websocket.close" or (
            message["type"] == "http.response.body" and not message.get("more_body", False)
        )
        await self._send(message)

    async def finish(self, scope: Scope, receive: Receive) -> None:
        """End what has begun; refuse what has not."""
        with suppress(OSError, RuntimeError):  # the client has gone
            if self._done:
                return
            if scope["type"] == "http" and self._begun:
                await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            else:
                await _refuse(scope, receive, self._send)


def _without_login(scope: Scope) -> Scope:
    """The request without the cookies of a login, so that Streamlit takes the browser for one that has none."""

    def kept(cookies: bytes) -> bytes:
        each = cookies.split(b";")
        return b";".join(one for one in each if not is_login_cookie(one.partition(b"=")[0].strip().decode("latin-1")))

    headers = [(name, kept(value) if name == b"cookie" else value) for name, value in scope["headers"]]
    return {**scope, "headers": headers}


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(_REFUSED)(scope, receive, send)
        return
    await error_answer(_SENTENCE, 401)(scope, receive, send)
