"""Bounds Streamlit's sessions, which have no limit of their own: each open tab holds one, with a thread and memory."""

from collections import Counter
from collections.abc import Callable
from weakref import WeakValueDictionary

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from components.shell.document import asks_for_document
from components.shell.message_pace import BURST, PER_SECOND, Pace, PacedMessages, VisitorPace
from streaming.http.websocket import MAX_SOCKETS_PER_CLIENT

STREAM = "/_stcore/stream"
"""The path, below the app's address, of the WebSocket of a session."""
MESSAGE_BYTES = 2_000_000
"""The longest message of a browser: all that is typed on a page. Files come another way."""
_TRY_LATER = 1013
RETRY_AFTER_S = 60
_SENTENCE = PlainTextResponse(
    "This server has as many open tabs as it takes. Close one, or try again in a minute.",
    503,
    headers={"Retry-After": str(RETRY_AFTER_S)},
)


class SessionLimit:
    """Middleware: beyond `most` open tabs, or `most_of_client` of one address, a document is a sentence, and the
    WebSocket of a session is refused; that of an open one is read at a bounded pace.

    `visitor_of` names who has sent a request; without a name it is the address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most: int,
        most_of_client: int = MAX_SOCKETS_PER_CLIENT,
        visitor_of: Callable[[HTTPConnection], str | None] = lambda _: None,
    ) -> None:
        self.app = app
        self._visitor_of = visitor_of
        self._paces: WeakValueDictionary[str, VisitorPace] = WeakValueDictionary()
        self._most = most
        self._most_of_client = most_of_client
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        is_session = scope["type"] == "websocket" and scope["path"].endswith(STREAM)
        is_document = asks_for_document(scope)
        client = str((scope.get("client") or ("unknown",))[0])
        if not (is_session or is_document):
            await self.app(scope, receive, send)
        elif self._is_full(client):
            await (WebSocketClose(_TRY_LATER) if is_session else _SENTENCE)(scope, receive, send)
        elif is_document:
            await self.app(scope, receive, send)
        else:
            self._open[client] += 1
            try:
                visitor = self._visitor_of(HTTPConnection(scope)) or client
                of_visitor = self._paces.get(visitor) or VisitorPace()
                self._paces[visitor] = of_visitor
                await self.app(scope, PacedMessages(receive, Pace(BURST, PER_SECOND), of_visitor), send)
            finally:
                self._open[client] -= 1
                self._open += Counter()

    def _is_full(self, client: str) -> bool:
        return self._open.total() >= self._most or self._open[client] >= self._most_of_client
