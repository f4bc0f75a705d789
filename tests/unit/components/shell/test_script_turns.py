"""The scripts of several tabs run one after the other, and no tab waits without an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg

from components.shell.script_turns import ScriptTurn, ScriptTurns

FOREVER_S = 1000.0


def rerun() -> Message:
    message = BackMsg()
    message.rerun_script.SetInParent()
    return {"type": "websocket.receive", "bytes": message.SerializeToString()}


def heartbeat() -> Message:
    return {"type": "websocket.receive", "bytes": BackMsg(app_heartbeat=True).SerializeToString()}


DAMAGED: Message = {"type": "websocket.receive", "bytes": b"\xff\xff"}
LEAVES: Message = {"type": "websocket.disconnect"}
EMPTY: Message = {"type": "websocket.receive", "text": None}


async def passed(turn: ScriptTurn, message: Message) -> Message:
    async def receive() -> Message:
        return message

    return await turn.taken_with(receive)()


@asynccontextmanager
async def waiting(turn: ScriptTurn) -> AsyncIterator["asyncio.Task[Message]"]:
    """A connection that asks for its turn, once it has done all that it can do without one."""
    task = asyncio.create_task(passed(turn, rerun()))
    for _ in range(3):
        await asyncio.sleep(0)
    yield task
    task.cancel()


async def test_a_script_waits_until_the_one_before_has_drawn() -> None:
    turns = ScriptTurns(wait_s=FOREVER_S, longest_s=FOREVER_S)
    first = turns.for_connection()
    await passed(first, rerun())
    async with waiting(turns.for_connection()) as second:
        assert not second.done()
        first.give_back()
        assert await second == rerun()


async def test_connections_have_their_turns_in_the_order_in_which_they_ask() -> None:
    turns = ScriptTurns(wait_s=FOREVER_S, longest_s=FOREVER_S)
    holder, second, third = (turns.for_connection() for _ in range(3))
    await passed(holder, rerun())
    async with waiting(second) as asks_second, waiting(third) as asks_third:
        holder.give_back()
        await asks_second
        assert not asks_third.done()
        second.give_back()
        await asks_third


async def test_the_connection_that_has_the_turn_does_not_wait_for_itself() -> None:
    turn = ScriptTurns(wait_s=FOREVER_S, longest_s=FOREVER_S).for_connection()
    for _ in range(2):
        assert await passed(turn, rerun()) == rerun()


@pytest.mark.parametrize(
    "message", [heartbeat(), DAMAGED, LEAVES, EMPTY], ids=["heartbeat", "damaged", "leaves", "empty"]
)
async def test_what_starts_no_script_needs_no_turn(message: Message) -> None:
    turns = ScriptTurns(wait_s=FOREVER_S, longest_s=FOREVER_S)
    await passed(turns.for_connection(), rerun())
    assert await passed(turns.for_connection(), message) == message


async def test_a_turn_without_a_script_ends_by_itself() -> None:
    turns = ScriptTurns(wait_s=FOREVER_S, longest_s=0.001)
    await passed(turns.for_connection(), rerun())
    await passed(turns.for_connection(), rerun())


async def test_nobody_waits_longer_than_the_limit() -> None:
    turns = ScriptTurns(wait_s=0.001, longest_s=FOREVER_S)
    await passed(turns.for_connection(), rerun())
    assert await passed(turns.for_connection(), rerun()) == rerun()


async def test_a_connection_that_leaves_while_it_waits_takes_no_turn() -> None:
    turns = ScriptTurns(wait_s=FOREVER_S, longest_s=FOREVER_S)
    holder = turns.for_connection()
    await passed(holder, rerun())
    async with waiting(turns.for_connection()):
        pass
    holder.give_back()
    await passed(turns.for_connection(), rerun())
