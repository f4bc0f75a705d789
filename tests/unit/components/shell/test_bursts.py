"""What a script run draws comes together at its end; of a long one, what it draws later comes at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from components.shell.bursts import Bursts

STREAM = {"type": "websocket", "path": "/below/_stcore/stream"}
FOREVER_S = 1000.0


def sent(**fields: object) -> Message:
    message = ForwardMsg()
    for name, value in fields.items():
        if isinstance(value, int):
            setattr(message, name, value)
        else:
            getattr(message, name).SetInParent()
    return {"type": "websocket.send", "bytes": message.SerializeToString()}


BEGIN, ELEMENT, END, BETWEEN = sent(new_session=()), sent(delta=()), sent(script_finished=0), sent(session_event=())


async def no_message() -> Message:
    raise AssertionError


@asynccontextmanager
async def connection(
    hold_s: float, scope: Scope = STREAM, arrived: Callable[[], None] = lambda: None, pause_s: float = FOREVER_S
) -> AsyncIterator[tuple[Send, Sequence[Message]]]:
    """The app's way to send, and what has come to the browser."""
    seen: list[Message] = []
    sends: asyncio.Future[Send] = asyncio.get_running_loop().create_future()
    leaves = asyncio.Event()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        sends.set_result(send)
        await leaves.wait()

    async def take(message: Message) -> None:
        await asyncio.sleep(0)
        seen.append(message)
        arrived()

    middleware: ASGIApp = Bursts(app, hold_s=hold_s, pause_s=pause_s)
    serving = asyncio.create_task(middleware(scope, no_message, take))
    yield await sends, seen
    leaves.set()
    await serving


async def test_what_a_script_run_draws_comes_together_and_in_order_when_it_ends() -> None:
    async with connection(FOREVER_S) as (send, seen):
        for message in (BEGIN, ELEMENT, ELEMENT):
            await send(message)
        assert not seen
        await send(END)
        assert seen == [BEGIN, ELEMENT, ELEMENT, END]


async def test_each_script_run_is_a_burst_and_what_is_between_two_comes_at_once() -> None:
    async with connection(FOREVER_S) as (send, seen):
        for message in (BEGIN, END, BETWEEN):
            await send(message)
        assert seen == [BEGIN, END, BETWEEN]
        await send(BEGIN)
        await send(ELEMENT)
        assert len(seen) == 3


async def test_of_a_long_script_run_what_it_has_drawn_comes_in_time_and_the_rest_at_once() -> None:
    came = asyncio.Event()
    async with connection(0.001, arrived=came.set) as (send, seen):
        await send(BEGIN)
        await send(ELEMENT)
        await came.wait()
        await send(ELEMENT)
        assert seen == [BEGIN, ELEMENT, ELEMENT]


async def test_a_script_that_pauses_has_what_it_has_drawn_on_screen() -> None:
    came = asyncio.Event()
    async with connection(FOREVER_S, arrived=came.set, pause_s=0.001) as (send, seen):
        await send(BEGIN)
        await send(ELEMENT)
        async with asyncio.timeout(10):
            await came.wait()
        await send(ELEMENT)
        assert seen == [BEGIN, ELEMENT, ELEMENT]


async def test_messages_that_are_sent_while_a_burst_goes_out_follow_it() -> None:
    came = asyncio.Event()
    async with connection(0.001, arrived=came.set) as (send, seen):
        first = [BEGIN, *[ELEMENT] * 20]
        for message in first:
            await send(message)
        await came.wait()
        assert len(seen) < len(first), "the burst is on its way"
        await send(BETWEEN)
        assert seen == [*first, BETWEEN]


@pytest.mark.parametrize(
    "last", [{"type": "websocket.close", "code": 1000}, {"type": "websocket.send", "text": "no message of Streamlit"}]
)
async def test_a_close_is_not_held_back_and_other_text_keeps_its_place(last: Message) -> None:
    async with connection(FOREVER_S) as (send, seen):
        await send(BEGIN)
        await send(last)
        assert seen == ([BEGIN, last] if last["type"] == "websocket.close" else [])


async def test_other_connections_pass_unchanged() -> None:
    async with connection(FOREVER_S, {"type": "websocket", "path": "/api/live"}) as (send, seen):
        await send(BEGIN)
        assert seen == [BEGIN]


async def test_the_script_of_another_tab_starts_when_the_burst_has_ended() -> None:
    tabs: list[tuple[Receive, Send]] = []
    leaves = asyncio.Event()

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        tabs.append((receive, send))
        await leaves.wait()

    async def rerun() -> Message:
        return {"type": "websocket.receive", "bytes": BackMsg(rerun_script={}).SerializeToString()}

    async def take(_message: Message) -> None: ...

    middleware = Bursts(app, hold_s=FOREVER_S, pause_s=FOREVER_S)
    serving = [asyncio.create_task(middleware(STREAM, rerun, take)) for _ in range(2)]
    await asyncio.sleep(0)
    (first_receive, first_send), (second_receive, _) = tabs
    await first_receive()
    second = asyncio.create_task(second_receive())
    await first_send(BEGIN)
    assert not second.done()
    await first_send(END)
    await second
    leaves.set()
    await asyncio.gather(*serving)
