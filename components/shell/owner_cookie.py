"""Gives each browser its owner's name with the document, before Streamlit opens the connection that sends it back."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.shell.document import asks_for_document
from components.shell.session import local_only
from components.shell.user_identity import login_in
from streaming.services import Services

MAX_AGE_S = 365 * 24 * 3600


def visitor_in(request: HTTPConnection, services: Services) -> str | None:
    """The user whose login the request has, or else the owner in its cookie; `None` without one that is signed."""
    owners = services.signed_owners
    if services.settings.login:
        login = login_in(request.cookies)
        return owners.of_user(login.user) if login else None
    return owners.owner_in(request.cookies.get(owners.cookie))


class OwnerCookie:
    """Middleware that sets the cookie on a server that others can reach; a local one shows all runs to its user.

    With a login, the runs are the user's, in every browser.
    """

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self.app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if not asks_for_document(scope) or local_only() or self._services.settings.login:
            await self.app(scope, receive, send)
            return
        owners = self._services.signed_owners
        request = HTTPConnection(scope)
        if owners.owner_in(request.cookies.get(owners.cookie)) is not None:
            await self.app(scope, receive, send)
            return
        secure = "; Secure" if self._is_https(request) else ""
        cookie = f"{owners.cookie}={owners.new()}; Path=/; Max-Age={MAX_AGE_S}; HttpOnly; SameSite=Lax{secure}"

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        await self.app(scope, receive, send_with_cookie)

    def _is_https(self, request: HTTPConnection) -> bool:
        forwarded = request.headers.get("x-forwarded-proto", "") if self._services.settings.trust_proxy else ""
        return (forwarded or request.url.scheme) == "https"
