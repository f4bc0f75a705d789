"""Who may continue a thread: one run at a time, and each position once, claimed in the database of the threads.

Two tabs that answer the same question or send the next turn, also on two servers, would both go on from the same
checkpoint: what cannot be undone would happen twice, and each would take the other's state for its own. So a run that
continues a thread first locks the thread, and then claims the checkpoint from which it goes on:

- The lock is a row of the thread itself. It is renewed while the run goes on and ends with it; the lock of a server
  that was killed can be taken over.
- A claim stays when the run got beyond its checkpoint. It tells a second run what was decided and when, if that was
  sent before it knew of the first: at the same moment, or from a page that shows an old position. Forks and edited
  turns may begin where a claim is.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import StateSnapshot

from streaming.core.errors import AnsweredAlready
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.core.serialization import to_plain
from streaming.runtime.claim_statements import Statements, statements_of

STALE_AFTER_S = 10.0
"""The lock of a server that was killed can be taken over after this time."""
RENEWALS = 3
"""Renewals of a lock in that time."""
BUSY_WAIT_S = 2.0
"""How long a run waits for the end of the one before it, which the same page may have cancelled just now."""
RETRY_S = 0.05
MAX_QUOTE_CHARS = 80
RELEASE_TIMEOUT_S = 1.0

_THREAD = ""
"""What the row of the thread itself has in place of a checkpoint's id."""
_CREATE = (
    "CREATE TABLE IF NOT EXISTS thread_claims (thread_id TEXT NOT NULL, checkpoint_id TEXT NOT NULL, "
    "answers TEXT NOT NULL, claimed_at DOUBLE PRECISION NOT NULL, is_open INTEGER NOT NULL, "
    "PRIMARY KEY (thread_id, checkpoint_id))"
)
_TAKE = (
    "INSERT INTO thread_claims (thread_id, checkpoint_id, answers, claimed_at, is_open) VALUES (?, ?, ?, ?, 1) "
    "ON CONFLICT (thread_id, checkpoint_id) DO UPDATE SET answers = excluded.answers, "
    "claimed_at = excluded.claimed_at, is_open = 1"
)
# A time in the future is one from before the system's clock was set back.
_LOCK = f"{_TAKE} WHERE thread_claims.is_open = 0 OR thread_claims.claimed_at NOT BETWEEN ? AND ? RETURNING thread_id"
_RENEW = (
    "UPDATE thread_claims SET claimed_at = ? WHERE thread_id = ? AND checkpoint_id = ? AND claimed_at = ? "
    "RETURNING thread_id"
)
_RELEASE = "UPDATE thread_claims SET is_open = 0 WHERE thread_id = ? AND checkpoint_id = ? AND claimed_at = ?"
_READ = (
    "SELECT checkpoint_id, answers, claimed_at, is_open FROM thread_claims WHERE thread_id = ? "
    "ORDER BY claimed_at DESC LIMIT 50"
)
_FORGET = "DELETE FROM thread_claims WHERE thread_id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a run does with its thread: `answers` by interrupt id, or `text`; it `branches` if it forks or replaces."""

    answers: Mapping[str, Any]
    text: str
    session: str
    submitted_at: float
    checkpoint_id: str | None
    branches: bool

    @classmethod
    def of(cls, run: Run) -> "Move":
        """The move of this run."""
        request = run.request
        return cls(
            answers=request.resume.answers if request.resume else {},
            text=_text_of(request),
            session=hashlib.sha256(run.owner.encode()).hexdigest()[:16] if run.owner else "",
            submitted_at=run.created_at.timestamp(),
            checkpoint_id=request.fork.checkpoint_id if request.fork else request.checkpoint_id,
            branches=request.fork is not None or request.replaces_run_id is not None,
        )


@dataclass(slots=True, kw_only=True)
class Lock:
    """A thread that one run continues, and the checkpoint that it has claimed."""

    thread_id: str
    locked_at: float
    checkpoint_id: str | None = None
    claimed_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A lock or a claim, as it is stored."""

    checkpoint_id: str
    answers: Mapping[str, Any]
    text: str
    session: str
    claimed_at: float
    is_open: bool


@dataclass(slots=True)
class ThreadClaims:
    """The locks and claims of one checkpointer; used on the engine's loop only."""

    run: Statements
    created: bool = field(default=False)

    async def lock(self, thread_id: str, move: Move) -> Lock:
        """Lock the thread; raises `AnsweredAlready` if another run has it and does not end soon."""
        await self._create()
        deadline = asyncio.get_running_loop().time() + BUSY_WAIT_S
        while True:
            now = time.time()
            values = thread_id, _THREAD, _dumped(move, {}), now, now - STALE_AFTER_S, now + STALE_AFTER_S
            if await self.run(_LOCK, *values):
                return Lock(thread_id=thread_id, locked_at=now)
            if asyncio.get_running_loop().time() > deadline:
                raise _refusal(await self._rows(thread_id), move)
            await asyncio.sleep(RETRY_S)

    async def claim(self, lock: Lock, move: Move, state: StateSnapshot) -> None:
        """Claim the checkpoint from which the run goes on, for its move; `state` is the newest of the locked thread.

        Raises `AnsweredAlready` if the move was decided before, or sent without knowledge of another one.
        """
        rows = [row for row in await self._rows(lock.thread_id) if row.checkpoint_id != _THREAD]
        pending = {question.id for task in state.tasks for question in task.interrupts}
        if any(question not in pending for question in move.answers):
            raise _refusal(rows, move)
        newest = str(state.config["configurable"].get("checkpoint_id"))
        base = move.checkpoint_id or newest
        # A session that sends again replaces its own run.
        others = [row for row in rows if not move.session or row.session != move.session]
        unseen = [row for row in others if row.claimed_at > move.submitted_at]
        passed = [row for row in others if row.checkpoint_id == base and row.is_open and base != newest]
        if missed := unseen or ([] if move.branches else passed):
            raise _refusal(missed, move)
        now = time.time()
        decided = next((row.answers for row in rows if row.checkpoint_id == base), {})
        await self.run(_TAKE, lock.thread_id, base, _dumped(move, decided), now)
        lock.checkpoint_id, lock.claimed_at = base, now

    async def renew(self, lock: Lock) -> None:
        """Renew the lock until this is cancelled."""
        while True:
            await asyncio.sleep(max(0.1, STALE_AFTER_S / RENEWALS))
            now = time.time()
            with suppress(Exception):  # the run goes on without its database, and its end tells what is wrong
                if await self.run(_RENEW, now, lock.thread_id, _THREAD, lock.locked_at):
                    lock.locked_at = now

    async def release(self, lock: Lock, *, reached: str | None) -> None:
        """End the lock, and the claim too if the thread is still at its checkpoint (`reached`)."""
        if lock.checkpoint_id is not None and reached == lock.checkpoint_id:
            await self.run(_RELEASE, lock.thread_id, lock.checkpoint_id, lock.claimed_at)
        await self.run(_RELEASE, lock.thread_id, _THREAD, lock.locked_at)

    async def forget(self, thread_id: str) -> None:
        """Delete the locks and claims of a thread."""
        await self._create()
        await self.run(_FORGET, thread_id)

    async def _rows(self, thread_id: str) -> list[_Row]:
        return [_loaded(*row) for row in await self.run(_READ, thread_id)]

    async def _create(self) -> None:
        if self.created:
            return
        try:
            await self.run(_CREATE)
        except Exception:  # noqa: BLE001 - PostgreSQL refuses if another server creates it at the same moment
            await self.run(_CREATE)
        self.created = True


def _text_of(request: RunRequest) -> str:
    if request.fork is not None:
        return f"step {request.fork.step}"
    return "" if request.resume is not None else request.prompt


def _dumped(move: Move, decided: Mapping[str, Any]) -> str:
    """What a row stores of a move; one of several questions may have been `decided` at the same checkpoint."""
    answers = {**decided, **to_plain(dict(move.answers))}
    return json.dumps({"answers": answers, "text": move.text, "session": move.session})


def _loaded(checkpoint_id: str, stored: str, claimed_at: float, is_open: int) -> _Row:
    content = json.loads(stored)
    # An older version stored the answers alone.
    content = content if "session" in content else {"answers": content}
    return _Row(
        checkpoint_id=checkpoint_id,
        answers=content["answers"],
        text=content.get("text", ""),
        session=content.get("session", ""),
        claimed_at=claimed_at,
        is_open=bool(is_open),
    )


def _refusal(rows: list[_Row], move: Move) -> AnsweredAlready:
    """The error of the second run: what the newest other one has decided, and when."""
    advice = "Load the page again to see what became of it."
    for row in rows:
        known = [row.answers[question] for question in move.answers if question in row.answers]
        if known or not move.answers:
            what = f"This question was answered with {_quoted(known[0])}" if known else _continued(row)
            return AnsweredAlready(f"{what} at {_when(row.claimed_at)}, so nothing was done now.", advice=advice)
    return AnsweredAlready("This question is not open any more, so nothing was done now.", advice=advice)


def _continued(row: _Row) -> str:
    said = next(iter(row.answers.values()), row.text)
    return f"This thread was continued with {_quoted(said)}" if said else "This thread was continued"


def _when(at_s: float) -> str:
    at = datetime.fromtimestamp(at_s, UTC)
    # Not every platform's `strftime` knows a day without a leading zero.
    return f"{at:%H:%M:%S} UTC on {at.day} {at:%B %Y}"


def _quoted(answer: Any) -> str:
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    return f"“{text if len(text) <= MAX_QUOTE_CHARS else text[: MAX_QUOTE_CHARS - 1] + '…'}”"


_known: WeakKeyDictionary[BaseCheckpointSaver[Any], ThreadClaims] = WeakKeyDictionary()


def claims_of(saver: BaseCheckpointSaver[Any]) -> ThreadClaims:
    """The locks and claims in the database of this checkpointer."""
    if saver not in _known:
        _known[saver] = ThreadClaims(statements_of(saver))
    return _known[saver]
