"""Who may continue a thread: one run at a time, and each position once, claimed in the database of the threads.

Two tabs that answer the same question or send the next turn, also on two servers, would both go on from the same
checkpoint: what cannot be undone would happen twice, and each would take the other's state for its own. So a run first
locks its thread, and one that continues it then claims the checkpoint from which it goes on:

- The lock is a row of the thread itself. It is renewed while the run goes on and ends with it; the lock of a server
  that was killed can be taken over. Its age by the system's clock is a reason to watch it, and no more: the clock may
  have been set, and those of two servers differ. It is taken over when it was not renewed while it was watched.
- A claim stays in the database once its run got beyond the checkpoint, unless the run was cancelled. A second run from
  there is refused, with the answer and the time of the first, if it was requested in ignorance of the first: before
  that had its claim, while that was running, or from a page that shows an old position. Forks and edited turns that
  are requested later may start at a claimed checkpoint.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.types import StateSnapshot

from streaming.runtime.claim_rows import END_OF_TIME, THREAD, Move, Row, dumped, loaded, refusal
from streaming.runtime.claim_statements import Statements, statements_of

STALE_AFTER_S = 10.0
"""The lock of a server that was killed is that old, before it is watched."""
RENEWALS = 3
"""Renewals of a lock in that time."""
WATCHED_S = 5.0
"""How long it is watched: a server that goes on renews it within this time."""
BUSY_WAIT_S = 2.0
"""How long a run waits for the end of the one before it, which the same page may have cancelled just now."""
RETRY_S = 0.05
RELEASE_TIMEOUT_S = 1.0
_NEVER = -1.0

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
# A damaged time is none of a run that goes on.
_LOCK = (
    f"{_TAKE} WHERE thread_claims.is_open = 0 OR thread_claims.claimed_at = ? "
    f"OR thread_claims.claimed_at NOT BETWEEN 1 AND {END_OF_TIME:.0f} RETURNING thread_id"
)
_RENEW = (
    "UPDATE thread_claims SET claimed_at = ? WHERE thread_id = ? AND checkpoint_id = ? AND claimed_at = ? "
    "RETURNING thread_id"
)
_RELEASE = "UPDATE thread_claims SET is_open = 0 WHERE thread_id = ? AND checkpoint_id = ? AND claimed_at = ?"
_READ = (
    "SELECT checkpoint_id, answers, claimed_at, is_open FROM thread_claims WHERE thread_id = ? "
    "ORDER BY checkpoint_id <> '', claimed_at DESC LIMIT 50"
)
_FORGET = "DELETE FROM thread_claims WHERE thread_id = ?"


@dataclass(slots=True, kw_only=True)
class Lock:
    """A thread that one run continues, and the checkpoint that it has claimed.

    `unaware_since` are times from which on the run cannot know what others did with the thread, in seconds since the
    epoch: where the system's clock was set meanwhile, there is one before and one after that.
    `renewing_at` is that of a renewal which may be in the database already, though its answer did not come.
    """

    thread_id: str
    locked_at: float
    renewing_at: float | None = None
    unaware_since: tuple[float, ...]
    checkpoint_id: str | None = None
    claimed_at: float = 0.0


@dataclass(slots=True)
class ThreadClaims:
    """The locks and claims of one checkpointer; used on the engine's loop only."""

    run: Statements
    monotonic: Callable[[], float] = time.monotonic
    created: bool = field(default=False)

    async def lock(self, thread_id: str, move: Move, *, on_watch: Callable[[float], object] | None = None) -> Lock:
        """Lock the thread; raises `AnsweredAlready` if another run has it and does not end soon.

        `on_watch` is called with the seconds for which an old lock is watched, once.
        """
        await self._create()
        deadline, watch, told = self.monotonic() + BUSY_WAIT_S, _Watch(), False
        unaware_since = {move.submitted_at, time.time() - move.age_s}
        while True:
            now = time.time()
            if await self.run(_LOCK, thread_id, THREAD, dumped(move, {}, now), now, watch.abandoned):
                return Lock(thread_id=thread_id, locked_at=now, unaware_since=(*unaware_since, *watch.waited_for))
            rows = await self._rows(thread_id)
            if rows and rows[0].checkpoint_id == THREAD:
                watch.look(rows[0], monotonic_s=self.monotonic(), now=now)
            if watch.goes_on and on_watch is not None and not told:
                told = True
                on_watch(WATCHED_S)
            if self.monotonic() > deadline and not watch.goes_on:
                # The one that has the lock now may be refused itself.
                earliest = min(*unaware_since, *watch.waited_for)
                raise refusal([row for row in rows if row.is_claim and row.claimed_at >= earliest] or rows, move)
            await asyncio.sleep(RETRY_S)

    async def claim(self, lock: Lock, move: Move, state: StateSnapshot) -> None:
        """Claim the checkpoint from which the run goes on, for its move; `state` is the newest of the locked thread.

        Raises `AnsweredAlready` if the move was decided before, or sent without knowledge of another one.
        """
        rows = [row for row in await self._rows(lock.thread_id) if row.checkpoint_id != THREAD]
        pending = {question.id for task in state.tasks for question in task.interrupts}
        if any(question not in pending for question in move.answers):
            raise refusal(rows, move)
        newest = str(state.config["configurable"].get("checkpoint_id"))
        base = move.checkpoint_id or newest
        claims, now = [row for row in rows if row.is_claim], time.time()
        # A time in the future is one from before the system's clock was set back.
        unseen = [row for row in claims if _is_within(row.claimed_at, lock.unaware_since, now)]
        passed = [row for row in claims if row.checkpoint_id == base != newest]
        if missed := unseen or ([] if move.branches else passed):
            raise refusal(missed, move)
        if move.expects not in (None, newest):
            raise refusal(claims, move)
        decided = next((row.answers for row in rows if row.checkpoint_id == base), {})
        await self.run(_TAKE, lock.thread_id, base, dumped(move, decided, now), now)
        lock.checkpoint_id, lock.claimed_at = base, now

    async def renew(self, lock: Lock) -> None:
        """Renew the lock until this is cancelled."""
        while True:
            await asyncio.sleep(max(0.1, STALE_AFTER_S / RENEWALS))
            lock.renewing_at = now = time.time()
            with suppress(Exception):  # the run goes on without its database, and its end event reports the error
                if await self.run(_RENEW, now, lock.thread_id, THREAD, lock.locked_at):
                    lock.locked_at = now

    async def release(self, lock: Lock, *, reached: str | None, cancelled: bool = False) -> None:
        """End the lock; the claim too if the thread is still at its checkpoint (`reached`).

        The claim of a `cancelled` run ends in any case: a page that sends again cancels its run, and the new one takes
        its position.
        """
        if lock.checkpoint_id is not None and (cancelled or reached == lock.checkpoint_id):
            await self.run(_RELEASE, lock.thread_id, lock.checkpoint_id, lock.claimed_at)
        for locked_at in {lock.locked_at, lock.renewing_at or lock.locked_at}:
            await self.run(_RELEASE, lock.thread_id, THREAD, locked_at)

    async def forget(self, thread_id: str) -> None:
        """Delete the locks and claims of a thread."""
        await self._create()
        await self.run(_FORGET, thread_id)

    async def write_probe(self) -> None:
        """Write a row that belongs to no thread; raises what the database raises if it cannot be written."""
        await self._create()
        await self.run(_TAKE, THREAD, THREAD, "{}", time.time())

    async def _rows(self, thread_id: str) -> list[Row]:
        return [loaded(*row) for row in await self.run(_READ, thread_id)]

    async def _create(self) -> None:
        if self.created:
            return
        try:
            await self.run(_CREATE)
        except Exception:  # noqa: BLE001 - PostgreSQL refuses if another server creates it at the same moment
            await self.run(_CREATE)
        self.created = True


def _is_within(at: float, times: Iterable[float], now: float) -> bool:
    """Whether this time is after one of these, and not far in the future of it and of now."""
    return any(since <= at <= max(since, now) + STALE_AFTER_S for since in times)


@dataclass(slots=True)
class _Watch:
    """Watches whether the lock of another run is renewed, by a clock that nobody sets.

    `abandoned` is the time in a lock that was not; `waited_for` are those since which other runs have it.
    """

    abandoned: float = _NEVER
    goes_on: bool = False
    waited_for: set[float] = field(default_factory=set)
    _seen: float = _NEVER
    _seen_at: float = 0.0
    _renewed: bool = False

    def look(self, lock: Row, *, monotonic_s: float, now: float) -> None:
        """Look at the lock again; the watch goes on while it looks old, or is from the future, and is not renewed."""
        if lock.claimed_at != self._seen:
            self._renewed = self._seen != _NEVER
            self._seen, self._seen_at = lock.claimed_at, monotonic_s
        self.goes_on = abs(now - lock.claimed_at) > STALE_AFTER_S and lock.is_open and not self._renewed
        if self.goes_on and monotonic_s - self._seen_at > WATCHED_S:
            # What a server did before it was gone is known to those who come later.
            self.abandoned, self.waited_for = lock.claimed_at, self.waited_for - {lock.since}
        else:
            self.waited_for.add(lock.since)


_claims: WeakKeyDictionary[BaseCheckpointSaver[Any], ThreadClaims] = WeakKeyDictionary()
"""The claims of each checkpointer, so that their table is created once; they live as long as the checkpointer."""


def claims_of(saver: BaseCheckpointSaver[Any]) -> ThreadClaims:
    """The locks and claims in the database of this checkpointer."""
    if saver not in _claims:
        _claims[saver] = ThreadClaims(statements_of(saver))
    return _claims[saver]
