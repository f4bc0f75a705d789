"""Locks and claims while the system's clock is set: a lock ends neither early nor never, and no move is made twice."""

import time
from typing import Any
from unittest.mock import Mock

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from streaming.core.errors import AnsweredAlready
from streaming.runtime import thread_claims
from streaming.runtime.claim_rows import THREAD, Move
from streaming.runtime.claim_statements import statements_of
from streaming.runtime.thread_claims import BUSY_WAIT_S, STALE_AFTER_S, WATCHED_S, Lock, ThreadClaims

HOUR_S = 3600.0


class Clocks:
    """The system's clock, which somebody sets, and one that counts on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.monotonic = 1_700_000_000.0, 50.0
        monkeypatch.setattr(thread_claims, "time", Mock(time=lambda: self.now))
        monkeypatch.setattr(thread_claims, "RETRY_S", 0.0)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.monotonic += seconds

    def move(self, *, age_s: float = 0.0, **fields: Any) -> Move:
        """A move that is submitted now, by the clock as it is."""
        values = {"answers": {}, "text": "on", "checkpoint_id": None, "expects": None, "branches": False}
        return Move(**{**values, "submitted_at": self.now, "age_s": age_s, **fields})


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


class Server:
    """Claims in a database; each time that a run looks at them, half a second goes by, and another server works."""

    def __init__(self, clocks: Clocks, *, renews: bool = False) -> None:
        self.clocks, self.renews, self.lock = clocks, renews, None
        self._run = statements_of(InMemorySaver())
        self.claims = ThreadClaims(self._statement, monotonic=lambda: clocks.monotonic)
        self.lock: Lock | None = None
        self._renewed_at = clocks.monotonic

    async def _statement(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if sql.startswith("SELECT"):
            self.clocks.pass_by(0.5)
            if self.renews and self.lock and self.clocks.monotonic - self._renewed_at > STALE_AFTER_S / 3:
                self._renewed_at = self.clocks.monotonic
                await self._run(thread_claims._RENEW, self.clocks.now, "t", THREAD, self.lock.locked_at)
                self.lock.locked_at = self.clocks.now
        return await self._run(sql, *values)

    async def takes(self) -> Lock:
        self.lock = await self.claims.lock("t", self.clocks.move())
        return self.lock


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S, 11.0, -11.0])
async def test_a_lock_that_is_renewed_is_kept_when_the_clock_is_set(clocks: Clocks, jump_s: float) -> None:
    server = Server(clocks, renews=True)
    held = await server.takes()
    clocks.now += jump_s
    told = Mock()
    with pytest.raises(AnsweredAlready):
        await server.claims.lock("t", clocks.move(), on_watch=told)
    told.assert_called_once_with(WATCHED_S)
    await server.claims.release(held, reached=None)
    await server.claims.lock("t", clocks.move())


@pytest.mark.parametrize("skew_s", [HOUR_S, -HOUR_S])
async def test_a_server_with_another_clock_keeps_its_lock(clocks: Clocks, skew_s: float) -> None:
    server = Server(clocks, renews=True)
    await server.takes()
    run = server._run

    async def of_another_clock(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if sql == thread_claims._RENEW:
            assert server.lock is not None
            values = (values[0] + skew_s, *values[1:])
            rows = await run(sql, *values)
            return rows
        return await run(sql, *values)

    server._run = of_another_clock
    for _ in range(3):
        with pytest.raises(AnsweredAlready):
            await server.claims.lock("t", clocks.move())
        assert server.lock is not None
        server.lock.locked_at += skew_s if server.lock.locked_at <= clocks.now + 1 else 0.0


@pytest.mark.parametrize("jump_s", [0.0, HOUR_S, -HOUR_S])
async def test_a_lock_of_a_server_that_is_gone_ends(clocks: Clocks, jump_s: float) -> None:
    server = Server(clocks)
    await server.takes()
    clocks.now += jump_s or STALE_AFTER_S + 1
    began, told = clocks.monotonic, Mock()
    await server.claims.lock("t", clocks.move(), on_watch=told)
    assert WATCHED_S <= clocks.monotonic - began <= WATCHED_S + 1.5
    told.assert_called_once_with(WATCHED_S)


async def test_a_young_lock_is_not_watched(clocks: Clocks) -> None:
    server = Server(clocks)
    await server.takes()
    began, told = clocks.monotonic, Mock()
    with pytest.raises(AnsweredAlready):
        await server.claims.lock("t", clocks.move(), on_watch=told)
    assert clocks.monotonic - began <= BUSY_WAIT_S + 1
    told.assert_not_called()


def state() -> Any:
    return Mock(tasks=(), config={"configurable": {"checkpoint_id": "newest"}})


async def makes_a_claim(server: Server) -> None:
    lock = await server.claims.lock("t", server.clocks.move())
    await server.claims.claim(lock, server.clocks.move(checkpoint_id="fork", branches=True), state())
    await server.claims.release(lock, reached="beyond")


@pytest.mark.parametrize("jump_s", [0.0, HOUR_S, -HOUR_S])
@pytest.mark.parametrize("set_before_the_claim", [True, False])
async def test_a_run_from_before_another_one_is_refused_when_the_clock_is_set(
    clocks: Clocks, jump_s: float, set_before_the_claim: bool
) -> None:
    server = Server(clocks)
    waits = clocks.move(checkpoint_id="fork", branches=True)
    clocks.pass_by(0.5)
    clocks.now += jump_s if set_before_the_claim else 0.0
    await makes_a_claim(server)
    clocks.now += 0.0 if set_before_the_claim else jump_s
    clocks.pass_by(0.5)
    age_s = clocks.monotonic - 50.0
    waits = Move(**{name: getattr(waits, name) for name in Move.__slots__ if name != "age_s"}, age_s=age_s)
    lock = await server.claims.lock("t", waits)
    with pytest.raises(AnsweredAlready):
        await server.claims.claim(lock, waits, state())


@pytest.mark.parametrize("jump_s", [0.0, HOUR_S, -HOUR_S])
@pytest.mark.parametrize("set_after_the_second_is_submitted", [True, False])
async def test_a_run_that_knows_of_the_other_one_goes_on_when_the_clock_is_set(
    clocks: Clocks, jump_s: float, set_after_the_second_is_submitted: bool
) -> None:
    server = Server(clocks)
    await makes_a_claim(server)
    clocks.pass_by(0.5)
    clocks.now += 0.0 if set_after_the_second_is_submitted else jump_s
    knows = clocks.move(checkpoint_id="fork", branches=True)
    clocks.now += jump_s if set_after_the_second_is_submitted else 0.0
    lock = await server.claims.lock("t", knows)
    await server.claims.claim(lock, knows, state())


def test_the_real_clock_counts_on() -> None:
    assert ThreadClaims(Mock()).monotonic is time.monotonic
