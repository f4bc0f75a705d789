"""Opens LangGraph's checkpointer for a database URL, and deletes old threads."""

import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from tenacity import retry, retry_if_exception, stop_after_delay, wait_random

from streaming.config.private_files import make_private
from streaming.config.settings import DATA_DIR, DATABASE_URL
from streaming.core.errors import CheckpointerUnavailable
from streaming.providers.whole_characters import UNREADABLE
from streaming.runtime.database_troubles import sqlite_code
from streaming.runtime.saved_types import data_only_serializer
from streaming.runtime.thread_claims import claims_of

Checkpointer = BaseCheckpointSaver[Any]

MAX_THREAD_AGE = timedelta(days=7)
"""Threads without a newer checkpoint are deleted when the server starts."""

CONNECT_S = 5.0
_log = logging.getLogger(__name__)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_POSTGRES = ("postgres://", "postgresql://", "postgresql+")


@asynccontextmanager
async def open_checkpointer(url: str | None) -> AsyncIterator[Checkpointer]:
    """The checkpointer for this URL (`sqlite:///path`, `postgresql://…`); `None` stores in memory.

    Raises `CheckpointerUnavailable` with the reason; it never quotes the URL, which contains a password.
    """
    if url is None:
        yield InMemorySaver()
    elif url.startswith("sqlite:///"):
        async with _sqlite(Path(url.removeprefix("sqlite:///"))) as saver:
            yield saver
    elif url.startswith(_POSTGRES):
        async with _postgres(url) as saver:
            yield saver
    else:
        raise CheckpointerUnavailable(
            f"{DATABASE_URL} names an unknown kind of database.",
            advice="Use sqlite:///path or postgresql://user@host/name, or unset it.",
        )


async def delete_old_threads(saver: Checkpointer, *, now: datetime | None = None) -> int:
    """Delete the threads whose newest checkpoint is older than `MAX_THREAD_AGE`; returns their number.

    A damaged checkpoint hides the older ones, which stay; the log says so.
    """
    limit = ((now or datetime.now(UTC)) - MAX_THREAD_AGE).isoformat()
    newest: dict[str, str] = {}
    try:
        # The newest come first.
        async for saved in saver.alist(None):
            thread = saved.config["configurable"]["thread_id"]
            newest[thread] = max(newest.get(thread, ""), saved.checkpoint["ts"])
    except Exception as error:  # noqa: BLE001 - damaged in any way, it must not keep the database from being used
        _log.warning("old threads are not all deleted: a checkpoint cannot be read (%s)", type(error).__name__)
    old = [thread for thread, touched in newest.items() if touched < limit]
    for thread in old:
        await saver.adelete_thread(thread)
        await claims_of(saver).forget(thread)
    return len(old)


@asynccontextmanager
async def _sqlite(path: Path) -> AsyncIterator[Checkpointer]:
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncExitStack() as opened:
        try:
            make_private(path)
            connection = aiosqlite.connect(path)
            # Otherwise its thread keeps the process alive when the server ends. Every write is committed immediately.
            connection._thread.daemon = True
            # Also if a later step fails, because the next run opens another connection.
            opened.push_async_callback(connection.close)
            await connection
            await connection.execute("PRAGMA busy_timeout=5000")
            saver = AsyncSqliteSaver(connection, serde=data_only_serializer())
            await _set_up(saver)
            # Safe with the write-ahead log, and avoids a wait for the disk at each superstep.
            await connection.execute("PRAGMA synchronous=NORMAL")
        # SQLite's message about a damaged schema may be no text.
        except (OSError, sqlite3.Error, UnicodeError) as error:
            damaged = isinstance(error, UnicodeError) or sqlite_code(error) in _DAMAGED
            what = "it is damaged" if isinstance(error, UnicodeError) else error
            raise CheckpointerUnavailable(
                f"The file for threads cannot be used: {what}.",
                advice="Move the file away, or restore it, and start the server again."
                if damaged
                else f"Set {DATA_DIR} to a writable folder, or free some space.",
            ) from error
        yield saver


def _is_locked(error: BaseException) -> bool:
    """Whether SQLite failed because another connection holds the file."""
    return sqlite_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


# Switching to the write-ahead log ignores the busy timeout when another server does the same.
@retry(
    retry=retry_if_exception(lambda error: _is_locked(error)),
    wait=wait_random(0.01, 0.1),
    stop=stop_after_delay(CONNECT_S),
    reraise=True,
)
async def _set_up(saver: Any) -> None:
    await saver.setup()


def _without_zero_bytes(saver: Any) -> Any:
    """The class of a saver for PostgreSQL, whose JSON has no zero bytes: in a text of a state they are unreadable."""

    class Saver(saver):  # type: ignore[misc]
        async def aput(self, config: Any, checkpoint: Any, *rest: Any) -> Any:
            values = {
                name: value.replace("\0", UNREADABLE) if isinstance(value, str) else value
                for name, value in checkpoint["channel_values"].items()
            }
            return await super().aput(config, {**checkpoint, "channel_values": values}, *rest)

    return Saver


@asynccontextmanager
async def _postgres(url: str) -> AsyncIterator[Checkpointer]:
    try:
        import psycopg
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
        from psycopg.rows import dict_row
        from psycopg_pool import AsyncConnectionPool
    except ImportError as error:
        raise CheckpointerUnavailable(
            "The packages for PostgreSQL are not installed.",
            advice="Run pip install -r requirements-postgres.txt, or unset DATABASE_URL to use a file.",
        ) from error
    scheme, _, rest = url.partition("://")
    address = f"{scheme.partition('+')[0]}://{rest}"
    settings = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    # The pool's default timeout is 30 s, which a run would wait for each query to a database that is down.
    pool: Any = AsyncConnectionPool(
        address, kwargs=settings, min_size=1, max_size=8, timeout=CONNECT_S, reconnect_timeout=CONNECT_S, open=False
    )
    try:
        await pool.open(wait=True, timeout=CONNECT_S)
        saver = _without_zero_bytes(AsyncPostgresSaver)(pool, serde=data_only_serializer())
        await saver.setup()
    except psycopg.Error as error:
        await pool.close()
        raise CheckpointerUnavailable(
            f"The PostgreSQL database of {DATABASE_URL} cannot be used ({type(error).__name__}).",
            advice="Check that it is running, and its address, user and password, then run again.",
        ) from error
    try:
        yield saver
    finally:
        await pool.close()
