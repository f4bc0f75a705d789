"""Runs SQL statements in the database of the checkpointer, whichever kind it is."""

import asyncio
import weakref
from typing import Any, Protocol

from langgraph.checkpoint.memory import InMemorySaver


class Statements(Protocol):
    """Runs one SQL statement in a transaction of its own and returns its rows."""

    async def __call__(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of the statement, with these values in place of its question marks."""
        ...


def statements_of(saver: Any) -> Statements:
    """The statements of this checkpointer's database."""
    if isinstance(saver, InMemorySaver):
        return _in_memory()
    return _on_sqlite(saver.conn, saver.lock) if hasattr(saver.conn, "executescript") else _on_postgres(saver.conn)


def _on_sqlite(connection: Any, lock: asyncio.Lock) -> Statements:
    async def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        async with lock, connection.execute(sql, values) as cursor:
            rows = [tuple(row) for row in await cursor.fetchall()]
            await connection.commit()
        return rows

    return run


def _on_postgres(pool: Any) -> Statements:
    async def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        async with pool.connection() as connection:
            cursor = await connection.execute(sql.replace("?", "%s"), values)
            rows = await cursor.fetchall() if cursor.description else []
        return [tuple(row.values()) for row in rows]

    return run


def _in_memory() -> Statements:
    import sqlite3

    connection = sqlite3.connect(":memory:", check_same_thread=False)

    async def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection:
            return connection.execute(sql, values).fetchall()

    # It lives as long as the claims of its checkpointer, which nobody closes.
    weakref.finalize(run, connection.close)
    return run
