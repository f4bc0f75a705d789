"""Logins that a logout has ended, and what is still open of each."""

from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 10_000
"""Logins that are remembered; the oldest goes first."""


class EndedLogins:
    """Notes a login when it ends, because its cookie is valid for a month, and tells what it has opened."""

    def __init__(self) -> None:
        self._ended: dict[str, None] = {}
        self._open: dict[str, set[Event]] = {}

    def __contains__(self, login: str) -> bool:
        return login in self._ended

    def end(self, login: str) -> None:
        """Nothing is opened by this login from here on, and all that is open hears of it."""
        self._ended[login] = None
        if len(self._ended) > MOST:
            del self._ended[next(iter(self._ended))]
        for event in self._open.get(login, ()):
            event.set()

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
