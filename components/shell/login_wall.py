"""With the setting `login`, `/api` answers users and holders of the server's token only."""

from collections.abc import Sequence

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from components.shell.user_identity import identity_in
from streaming.http.guard import error_answer, has_token
from streaming.http.routes import API
from streaming.services import Services

_REFUSED = 1008


class LoginWall:
    """Middleware that refuses the others, and names the owner of a user's runs in `request.state.owner`.

    Streamlit's own routes stay open, because they draw the page with the button to log in, and so do paths that begin
    with one of `exempt`.
    """

    def __init__(self, app: ASGIApp, *, services: Services, exempt: Sequence[str] = ()) -> None:
        self.app = app
        self._exempt = tuple(exempt)
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        path = scope.get("path", "")
        if not self._services.settings.login or not path.startswith(API) or path.startswith(self._exempt):
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        user = identity_in(request.cookies)
        if user is not None:
            request.state.owner = self._services.signed_owners.of_user(user)
        elif not has_token(request, self._services.settings):
            await _refuse(scope, receive, send)
            return
        await self.app(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(_REFUSED)(scope, receive, send)
        return
    answer = error_answer("Log in to the app first, or send this server's token.", 401)
    await answer(scope, receive, send)
