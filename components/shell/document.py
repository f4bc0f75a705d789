"""The HTML document in which Streamlit starts: completed with the style of the pages, and with the app's address.

The style is there before the first element, so that a page does not move while it loads; one script (`document.js`)
shows the page, another one (`presenter.js`) leaves away what is around the stage, and
`terms.js` opens the meaning of a dotted term. With the address Streamlit does not
look for its server below the path of the page, where each attempt is a request that fails.
"""

from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.shell.glossary import terms_for_the_browser

STYLE = Path(__file__).with_name("style.css")
SCRIPTS = tuple(Path(__file__).with_name(name) for name in ("document.js", "presenter.js"))
TERMS = Path(__file__).with_name("terms.js")
_END_OF_HEAD = b"</head>"
_CONDITIONS = frozenset({b"accept-encoding", b"if-none-match", b"if-modified-since", b"if-range", b"range"})
_VALIDATORS = ("etag", "last-modified", "accept-ranges")


def asks_for_document(scope: Scope) -> bool:
    """Whether a request is that of a browser for a page, and not for what belongs to one."""
    return scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")


def without_conditions(scope: Scope) -> Scope:
    """The same request for the whole file as it is: validators and compressed copies do not know what becomes of it."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]}


class DocumentHead:
    """Middleware that adds to the head of Streamlit's document; other responses pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        style = STYLE.read_text(encoding="utf-8")
        scripts = "".join(f"<script>{path.read_text(encoding='utf-8')}</script>" for path in SCRIPTS)
        terms = TERMS.read_text(encoding="utf-8")
        scripts += f"<script>{{\nconst TERMS = {terms_for_the_browser()};\n{terms}}}</script>"
        self._added = f"<style>{style}</style>{scripts}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if not asks_for_document(scope):
            await self.app(scope, receive, send)
            return
        document = _Document(send, self._added)
        await self.app(without_conditions(scope), receive, document.send)


class _Document:
    """One response: held back until it is whole if it is an HTML document, else passed on."""

    def __init__(self, send: Send, added: bytes) -> None:
        self._send = send
        self._added = added
        self._start: Message | None = None
        self._body: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Take a message of the response."""
        if message["type"] == "http.response.start" and _is_document(message["headers"]):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._send_whole(self._start)

    async def _send_whole(self, start: Message) -> None:
        body = b"".join(self._body).replace(_END_OF_HEAD, self._added + _END_OF_HEAD, 1)
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["content-length"] = str(len(body))
        for name in _VALIDATORS:
            del headers[name]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_document(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return Headers(raw=list(headers)).get("content-type", "").startswith("text/html")
