"""Streamlit's scripts and styles, compressed: it serves megabytes as they are, half a minute on a slow network.

Each file is compressed once, in a thread, and kept. That is right because its name has a hash of what it holds.
"""

import asyncio
import gzip
import re
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.shell.document import without_conditions

_FILE = re.compile(r"(?:/[\w-]+)*/static/(?:js|css)/\w[\w.-]*\.(?:js|css)")
"""Each file has one path of this form, so what is kept is no more than the files that there are."""
_KINDS = ("text/javascript", "application/javascript", "text/css")
_KEPT_HEADERS = ("content-type", "cache-control")


class CompressedFiles:
    """Middleware that compresses these files for browsers that take them compressed; all else passes unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._kept: dict[str, tuple[bytes, Mapping[str, str]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if not _asks_for_a_compressed_file(scope):
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self._kept:
            found = _Found()
            await self.app({**without_conditions(scope), "extensions": {}}, _Patient().receive, found.take)
            if not found.is_file:
                await found.pass_on(send)
                return
            content = await asyncio.to_thread(gzip.compress, found.body, 6, mtime=0)
            self._kept[path] = content, found.kept_headers
        content, headers_of_file = self._kept[path]
        encoded = {**headers_of_file, "content-encoding": "gzip", "vary": "Accept-Encoding"}
        await Response(content, headers=encoded)(scope, receive, send)


def _asks_for_a_compressed_file(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or not _FILE.fullmatch(scope["path"]):
        return False
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


class _Patient:
    """A client that does not leave: when the real one does, the file is read to its end for those that come later."""

    def __init__(self) -> None:
        self._has_sent = False

    async def receive(self) -> Message:
        """The end of a request without a body, and nothing after it."""
        if self._has_sent:
            await asyncio.get_running_loop().create_future()
        self._has_sent = True
        return {"type": "http.request", "body": b"", "more_body": False}


class _Found:
    """What the app answers, whole."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    async def take(self, message: Message) -> None:
        """Keep a message of the response."""
        self._messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self._messages[1:])

    @property
    def is_file(self) -> bool:
        """Whether it is a script or a style; a file that is missing is answered by a document."""
        start = self._messages[0]
        kind = Headers(raw=list(start["headers"])).get("content-type", "")
        return start["status"] == 200 and kind.startswith(_KINDS)

    @property
    def kept_headers(self) -> dict[str, str]:
        headers = Headers(raw=list(self._messages[0]["headers"]))
        return {name: headers[name] for name in _KEPT_HEADERS if name in headers}

    async def pass_on(self, send: Send) -> None:
        for message in self._messages:
            await send(message)
