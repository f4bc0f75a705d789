"""Logins that have ended, in the database of the runs: a server that starts, and every other one, refuses them too."""

import time
from collections.abc import Callable

import sqlalchemy as sa

from streaming.storage.database import Database, insert_once
from streaming.storage.schema import ended_logins

KEPT_S = 40 * 86_400.0
"""How long a login is kept in seconds: its cookie counts for 31 days."""
KEPT_IN_ANY_CASE = 1_000
"""The newest logins that are kept whatever the clock says: it may be set forward by mistake."""
MOST = 10_000
"""Logins that are read at most, the newest."""


class LoginStore:
    """Saves and reads the logins that have ended; raises `StoreUnavailable` if the database cannot be used."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def end(self, login: str) -> None:
        """Save that this login has ended, and forget those whose cookies are too old to count."""
        now = self._clock()
        newest = sa.select(ended_logins.c.login).order_by(ended_logins.c.ended_at.desc()).limit(KEPT_IN_ANY_CASE)
        old = (ended_logins.c.ended_at < now - KEPT_S) & ended_logins.c.login.not_in(newest)
        with self._database.writing() as connection:
            connection.execute(sa.delete(ended_logins).where(old))
            insert_once(connection, ended_logins, {"login": login, "ended_at": now})

    def ended(self) -> list[str]:
        """The logins that have ended, the oldest first."""
        query = sa.select(ended_logins.c.login).order_by(ended_logins.c.ended_at.desc()).limit(MOST)
        with self._database.reading() as connection:
            return [login for login in reversed(connection.execute(query).scalars().all()) if isinstance(login, str)]
