"""Who may continue a thread: one run for each checkpoint, claimed in the database of the threads.

Two tabs that answer the same question, also on two servers, would both go on from the same checkpoint, and what cannot
be undone would happen twice. So a run that continues a thread claims its newest checkpoint in one statement of the
database before it starts. A claim ends when the run did not get beyond the checkpoint; what was decided is kept, for
the sentence that the second one reads.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import StateSnapshot

from streaming.core.errors import AnsweredAlready
from streaming.core.serialization import to_json

STALE_AFTER_S = 900.0
"""A claim of a server that was killed can be taken over after this time, which is longer than a run may take."""
MAX_QUOTE_CHARS = 80
RELEASE_TIMEOUT_S = 1.0

_CREATE = (
    "CREATE TABLE IF NOT EXISTS thread_claims (thread_id TEXT NOT NULL, checkpoint_id TEXT NOT NULL, "
    "answers TEXT NOT NULL, claimed_at DOUBLE PRECISION NOT NULL, is_open INTEGER NOT NULL, "
    "PRIMARY KEY (thread_id, checkpoint_id))"
)
_CLAIM = (
    "INSERT INTO thread_claims (thread_id, checkpoint_id, answers, claimed_at, is_open) VALUES (?, ?, ?, ?, 1) "
    "ON CONFLICT (thread_id, checkpoint_id) DO UPDATE SET answers = excluded.answers, "
    "claimed_at = excluded.claimed_at, is_open = 1 "
    "WHERE thread_claims.is_open = 0 OR thread_claims.claimed_at < ? RETURNING thread_id"
)
_RELEASE = "UPDATE thread_claims SET is_open = 0 WHERE thread_id = ? AND checkpoint_id = ? AND claimed_at = ?"
_READ = (
    "SELECT checkpoint_id, answers, claimed_at FROM thread_claims WHERE thread_id = ? ORDER BY claimed_at DESC LIMIT 50"
)
_FORGET = "DELETE FROM thread_claims WHERE thread_id = ?"


class _Statements(Protocol):
    """Runs one SQL statement in a transaction of its own and returns its rows."""

    async def __call__(self, sql: str, *values: Any) -> list[tuple[Any, ...]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A checkpoint that one run continues."""

    thread_id: str
    checkpoint_id: str
    claimed_at: float


@dataclass(slots=True)
class ThreadClaims:
    """The claims of one checkpointer; used on the engine's loop only."""

    run: _Statements
    created: bool = field(default=False)

    async def claim(self, thread_id: str, state: StateSnapshot, answers: Mapping[str, Any]) -> Claim:
        """Claim the thread's newest checkpoint for a run with these answers, by interrupt id.

        Raises `AnsweredAlready` if another run has it, or if a question was answered before.
        """
        await self._create()
        checkpoint_id = str(state.config["configurable"].get("checkpoint_id"))
        earlier = await self.run(_READ, thread_id)
        pending = {question.id for task in state.tasks for question in task.interrupts}
        if any(question not in pending for question in answers):
            raise _answered(earlier, answers)
        now = time.time()
        decided: dict[str, Any] = next((json.loads(row[1]) for row in earlier if row[0] == checkpoint_id), {})
        payload = json.dumps({**decided, **json.loads(to_json(dict(answers)))})
        if not await self.run(_CLAIM, thread_id, checkpoint_id, payload, now, now - STALE_AFTER_S):
            raise _answered(await self.run(_READ, thread_id), answers)
        return Claim(thread_id=thread_id, checkpoint_id=checkpoint_id, claimed_at=now)

    async def release(self, claim: Claim, *, reached: str | None) -> None:
        """End the claim if the thread is still at its checkpoint (`reached`), where another answer may be needed."""
        if reached == claim.checkpoint_id:
            await self.run(_RELEASE, claim.thread_id, claim.checkpoint_id, claim.claimed_at)

    async def forget(self, thread_id: str) -> None:
        """Delete the claims of a thread."""
        await self._create()
        await self.run(_FORGET, thread_id)

    async def _create(self) -> None:
        if self.created:
            return
        try:
            await self.run(_CREATE)
        except Exception:  # noqa: BLE001 - PostgreSQL refuses if another server creates it at the same moment
            await self.run(_CREATE)
        self.created = True


def _answered(claims: list[tuple[Any, ...]], answers: Mapping[str, Any]) -> AnsweredAlready:
    """The error of the second answer: what was decided, and when."""
    advice = "Load the page again to see what became of it."
    for _, payload, claimed_at in claims:
        decided = json.loads(payload)
        known = [decided[question] for question in answers if question in decided]
        if known or not answers:
            at = datetime.fromtimestamp(claimed_at, UTC)
            # Not every platform's `strftime` knows a day without a leading zero.
            when = f"{at:%H:%M:%S} UTC on {at.day} {at:%B %Y}"
            what = f"This question was answered with {_quoted(known[0])}" if known else "This thread was continued"
            return AnsweredAlready(f"{what} at {when}, so nothing was done now.", advice=advice)
    return AnsweredAlready("This question is not open any more, so nothing was done now.", advice=advice)


def _quoted(answer: Any) -> str:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return f"“{text if len(text) <= MAX_QUOTE_CHARS else text[: MAX_QUOTE_CHARS - 1] + '…'}”"


_known: WeakKeyDictionary[BaseCheckpointSaver[Any], ThreadClaims] = WeakKeyDictionary()


def claims_of(saver: BaseCheckpointSaver[Any]) -> ThreadClaims:
    """The claims in the database of this checkpointer."""
    if saver not in _known:
        _known[saver] = ThreadClaims(_statements(saver))
    return _known[saver]


def _statements(saver: Any) -> _Statements:
    if isinstance(saver, InMemorySaver):
        return _in_memory()
    return _on_sqlite(saver.conn, saver.lock) if hasattr(saver.conn, "executescript") else _on_postgres(saver.conn)


def _on_sqlite(connection: Any, lock: asyncio.Lock) -> _Statements:
    async def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        async with lock, connection.execute(sql, values) as cursor:
            rows = [tuple(row) for row in await cursor.fetchall()]
            await connection.commit()
        return rows

    return run


def _on_postgres(pool: Any) -> _Statements:
    async def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        async with pool.connection() as connection:
            cursor = await connection.execute(sql.replace("?", "%s"), values)
            rows = await cursor.fetchall() if cursor.description else []
        return [tuple(row.values()) for row in rows]

    return run


def _in_memory() -> _Statements:
    import sqlite3

    connection = sqlite3.connect(":memory:", check_same_thread=False)

    async def run(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with connection:
            return connection.execute(sql, values).fetchall()

    return run
