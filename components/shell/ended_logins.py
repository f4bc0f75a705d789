"""Logins that a logout has ended, on this server or another one, and what is still open of each."""

import asyncio
import time
from asyncio import Event
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress

from streaming.core.errors import StoreUnavailable
from streaming.storage.login_store import MOST, LoginStore

READ_S = 10.0
"""How old what was read of the database may be."""
WAIT_S = 2.0
"""The longest wait for the database: without it, only this server's own logouts since its start are known."""


class EndedLogins:
    """Notes a login when it ends, because its cookie is valid for a month, and tells what it has opened.

    The database keeps the logins; `refresh` reads those of other servers, and of this one before it was started.
    """

    def __init__(self, store: Callable[[], LoginStore], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._ended: dict[str, None] = {}
        self._open: dict[str, set[Event]] = {}
        self._unsaved: dict[str, None] = {}
        self._thread = ThreadPoolExecutor(1, "ended logins")
        self._read: Future[list[str]] | None = None
        self._read_at = 0.0

    def __contains__(self, login: str) -> bool:
        return login in self._ended

    async def end(self, login: str) -> None:
        """Nothing is opened by this login from here on, and all that is open hears of it."""
        self._note(login)
        self._unsaved[login] = None
        self._start_reading()
        await self._take()

    async def refresh(self) -> None:
        """Read what has ended elsewhere, if the last time was a while ago."""
        read = self._read
        if read is None or (read.done() and self._clock() - self._read_at >= READ_S):
            self._start_reading()
        await self._take()

    @contextmanager
    def open(self, login: str) -> Iterator[Event]:
        """While a connection of this login is open: an event that its end sets."""
        event = Event()
        events = self._open.setdefault(login, set())
        events.add(event)
        try:
            yield event
        finally:
            events.discard(event)
            if not events:
                self._open.pop(login, None)

    def _start_reading(self) -> None:
        self._read_at = self._clock()
        self._read = self._thread.submit(self._exchange)

    def _exchange(self) -> list[str]:
        """Save what is not saved yet, and read; what fails is done the next time."""
        with suppress(StoreUnavailable):
            for login in list(self._unsaved):
                self._store().end(login)
                self._unsaved.pop(login, None)
            return self._store().ended()
        return []

    async def _take(self) -> None:
        """Wait for what is being read, and note it."""
        if (read := self._read) is None:
            return
        await asyncio.wait((asyncio.wrap_future(read),), timeout=WAIT_S)
        if read.done():
            for login in read.result():
                if login not in self._ended:
                    self._note(login)

    def _note(self, login: str) -> None:
        self._ended[login] = None
        if len(self._ended) > MOST:
            del self._ended[next(iter(self._ended))]
        for event in self._open.get(login, ()):
            event.set()
