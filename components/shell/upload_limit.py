"""Bounds what visitors upload: Streamlit limits one file, and keeps any number of them for as long as a tab is open."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime

MAX_TAB_FILES = 50
MAX_TAB_BYTES = 200_000_000
"""Files of one tab: it may have several inputs of files."""
MAX_BYTES = 1_000_000_000
"""Files of all tabs."""
MAX_AT_ONCE, MAX_TAB_AT_ONCE = 20, 4
MAX_FILE_BYTES = 50_000_000
"""What a file counts for at most while it arrives, also one that does not tell its size."""
LONGEST_S = 300.0
"""A slow upload must not keep the others away."""

UPLOADS = "/_stcore/upload_file/"
"""The path, below the app's address, of a file of a session."""
Kept = Mapping[str, Mapping[str, Any]]


def kept_by_streamlit() -> Kept:
    """The files of each session by their ids."""
    manager: Any = Runtime.instance().uploaded_file_mgr
    storage: Kept = manager.file_storage
    return storage


class UploadLimit:
    """Middleware: an upload beyond these limits gets a sentence."""

    def __init__(self, app: ASGIApp, *, kept: Callable[[], Kept] = kept_by_streamlit) -> None:
        self.app = app
        self._kept = kept
        self._arriving: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        _, is_upload, rest = scope.get("path", "").partition(UPLOADS)
        if scope["type"] != "http" or scope["method"] != "PUT" or not is_upload:
            await self.app(scope, receive, send)
            return
        session = rest.partition("/")[0]
        told = Headers(scope=scope).get("content-length", "")
        size = min(int(told), MAX_FILE_BYTES) if told.isdecimal() else MAX_FILE_BYTES
        if refusal := self._refusal(session, size):
            await refusal(scope, receive, send)
            return
        self._arriving[session] += 1
        self._bytes[session] += size
        try:
            async with asyncio.timeout(LONGEST_S):
                await self.app(scope, receive, send)
        finally:
            self._arriving[session] -= 1
            self._bytes[session] -= size
            # A counter keeps what has come to nothing.
            self._arriving += Counter()
            self._bytes += Counter()

    def _refusal(self, session: str, size: int) -> PlainTextResponse | None:
        if self._arriving.total() >= MAX_AT_ONCE or self._arriving[session] >= MAX_TAB_AT_ONCE:
            return PlainTextResponse("Other files are arriving. Try again in a moment.", 503)
        # A copy: another thread may add a file.
        sizes = {name: [len(file.data) for file in list(files.values())] for name, files in list(self._kept().items())}
        own = sizes.get(session, [])
        # Several that arrive at once fit one by one.
        if len(own) >= MAX_TAB_FILES or sum(own) + self._bytes[session] + size > MAX_TAB_BYTES:
            return PlainTextResponse("This tab has uploaded as much as it may. Remove a file, or reload the page.", 413)
        if sum(map(sum, sizes.values())) + self._bytes.total() + size > MAX_BYTES:
            return PlainTextResponse("The server holds as many files as it takes. Try again later.", 503)
        return None
