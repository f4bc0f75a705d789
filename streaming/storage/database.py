"""The database of the runs, SQLite or PostgreSQL: its connection, and what to say when it cannot be used."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.util.exc import CommandError
from sqlalchemy.dialects import postgresql, sqlite

from streaming.config.files_in_use import UsedFile, database_file, used_file
from streaming.config.private_files import make_private
from streaming.config.settings import DATA_DIR, DATABASE_URL
from streaming.core.errors import StoreUnavailable
from streaming.storage.checked_rows import json_or_none
from streaming.storage.schema import configure_sqlite, migrate

RETRY_AFTER_S = 30.0
"""Seconds from a failed connection to the next attempt, so that not every page waits for the database."""

_CONNECT_TIMEOUT_S = 5


class Database:
    """Connects when it is first used, and brings its tables up to date; raises `StoreUnavailable` if it cannot."""

    def __init__(self, url: str, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._monotonic = monotonic
        self._connecting = threading.Lock()
        self._engine: sa.Engine | None = None
        self._file: UsedFile | None = None
        self.edition = 0
        """Counts the files in which the runs have been stored: another one has nothing of what was stored before."""
        self._failed: tuple[float, StoreUnavailable] | None = None

    def connect(self) -> sa.Engine:
        """Connect and bring the tables up to date, once; after a failure it tries again `RETRY_AFTER_S` later.

        It connects again when the file was removed or replaced, because what is written to the open one would be lost.
        """
        with self._connecting:
            if self._engine is not None:
                if self._file is None or not self._file.gone:
                    return self._engine
                self._engine.dispose()
                self._engine = None
            if self._failed is not None and self._monotonic() - self._failed[0] < RETRY_AFTER_S:
                raise self._failed[1]
            try:
                self._engine = self._open()
                self._file = used_file(self._url)
                self.edition += 1
            except Exception as error:
                self._failed = self._monotonic(), _unavailable(error)
                raise self._failed[1] from error
            return self._engine

    @property
    def trouble(self) -> str:
        """Why the last attempt to connect failed; empty if it did not."""
        failed = self._failed
        return str(failed[1]) if failed is not None and self._engine is None else ""

    def _open(self) -> sa.Engine:
        if (file := database_file(self._url)) is not None:
            make_private(file)
        timeout = {"connect_timeout": _CONNECT_TIMEOUT_S} if self._url.startswith("postgresql") else {}
        engine = sa.create_engine(self._url, pool_pre_ping=True, connect_args=timeout, json_deserializer=json_or_none)
        configure_sqlite(engine)
        try:
            migrate(engine)
        except Exception:
            engine.dispose()
            raise
        return engine

    def close(self) -> None:
        """Close all connections."""
        with self._connecting:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that reads."""
        try:
            with self.connect().connect() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise _unavailable(error) from error

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection with a transaction that is committed at the end."""
        try:
            with self.connect().begin() as connection:
                yield connection
        except (sa.exc.DataError, sa.exc.IntegrityError):
            # This row is the problem, not the database: other rows can still be written.
            raise
        except sa.exc.SQLAlchemyError as error:
            raise _unavailable(error) from error


def insert_once(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert the row unless there is one with its key; returns whether it was inserted."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(table).values(**row).on_conflict_do_nothing()
    return connection.execute(insert, execution_options={"preserve_rowcount": True}).rowcount == 1


def _unavailable(error: Exception) -> StoreUnavailable:
    if isinstance(error, CommandError):
        # Alembic does not know the revision that the database names.
        return StoreUnavailable(
            "The history of runs was written by a newer version of this app.",
            advice=f"Install that version, or let {DATA_DIR} name another folder; runs go on without being stored.",
        )
    # Only the error's name: SQLAlchemy's messages can hold the URL with its password, and the row with its prompt.
    return StoreUnavailable(
        f"The history of runs cannot be used ({type(error).__name__}).",
        advice=f"Check {DATABASE_URL}, the space on the disk and the rights to the folder; runs go on without it.",
    )
