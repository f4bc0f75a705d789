"""A tab that sends messages without a pause is read at a bounded pace, and loses none."""

import asyncio
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from components.shell import message_pace
from components.shell.message_pace import PATIENCE_S, SLOWED_PER_SECOND, VISITOR_BURST, Pace, PacedMessages, VisitorPace
from components.shell.session_limit import STREAM, SessionLimit


def messages(*kinds: str) -> Iterator[Message]:
    return iter([{"type": f"websocket.{kind}"} for kind in kinds])


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited before each message; no time passes."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(round(seconds, 1))

    monkeypatch.setattr(message_pace, "sleep", sleep)
    return found


async def test_more_messages_than_the_burst_wait_longer_and_longer(pauses: list[float]) -> None:
    sent = messages("connect", *["receive"] * 5, "disconnect")

    async def receive() -> Message:
        return next(sent)

    paced = PacedMessages(receive, Pace(burst=2, per_second=10))
    kinds = [(await paced())["type"] for _ in range(7)]
    assert kinds == ["websocket.connect", *["websocket.receive"] * 5, "websocket.disconnect"]
    assert pauses == [0.1, 0.2, 0.3]


async def test_time_without_messages_makes_up_for_them(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive() -> Message:
        return {"type": "websocket.receive"}

    pace = Pace(burst=2, per_second=10)
    paced = PacedMessages(receive, pace)
    pace.wait_s(asyncio.get_running_loop().time() - 60)
    for _ in range(3):
        await paced()
    assert pauses == [0.1], "two at once, however long the pause was"


def test_the_session_of_a_tab_is_read_at_that_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def noted(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(message_pace, "sleep", noted)

    async def session(socket: WebSocket) -> None:
        await socket.accept()
        for _ in range(message_pace.BURST + 10):
            await socket.receive_bytes()
        await socket.send_text("all")

    app = Starlette(routes=[WebSocketRoute(STREAM, session)])
    app.add_middleware(SessionLimit, most=2)
    with TestClient(app) as client, client.websocket_connect(STREAM) as socket:
        for _ in range(message_pace.BURST + 10):
            socket.send_bytes(b"x")
        assert socket.receive_text() == "all"
    assert [seconds for seconds in waited if seconds > 0]


def test_the_tabs_of_one_visitor_share_a_pace_and_those_of_another_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def noted(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(message_pace, "sleep", noted)
    monkeypatch.setattr(message_pace, "VISITOR_BURST", 4)
    # However slow the machine is, no time makes up for them.
    monkeypatch.setattr(message_pace, "VISITOR_PER_SECOND", 1e-6)

    async def session(socket: WebSocket) -> None:
        await socket.accept()
        for _ in range(3):
            await socket.receive_bytes()
        await socket.send_text("all")
        await socket.receive()

    app = Starlette(routes=[WebSocketRoute(STREAM, session)])
    app.add_middleware(SessionLimit, most=9, visitor_of=lambda request: request.headers.get("visitor"))

    with TestClient(app) as client:

        def open_tab(visitor: str) -> WebSocketTestSession:
            return client.websocket_connect(STREAM, headers={"visitor": visitor})

        with open_tab("one") as first, open_tab("two") as other, open_tab("one") as second:
            for socket, waits in ((first, 0), (other, 0), (second, 2)):
                waited.clear()
                for _ in range(3):
                    socket.send_bytes(b"x")
                assert socket.receive_text() == "all"
                assert len(waited) == waits


def test_a_visitor_who_does_not_pause_is_slowed_down_until_he_does() -> None:
    pace, now = VisitorPace(), 0.0
    for _ in range(VISITOR_BURST):
        assert pace.wait_s(now) == 0
    while now < PATIENCE_S + 1:
        now += pace.wait_s(now)
    assert pace.per_second == SLOWED_PER_SECOND
    assert pace.wait_s(now + 60) == 0
    assert pace.per_second == message_pace.VISITOR_PER_SECOND


def test_a_text_ends_the_session_as_if_its_tab_had_left() -> None:
    ended: list[int] = []

    async def session(socket: WebSocket) -> None:
        await socket.accept()
        try:
            await socket.receive_bytes()
        except WebSocketDisconnect as left:
            ended.append(left.code)

    app = Starlette(routes=[WebSocketRoute(STREAM, session)])
    app.add_middleware(SessionLimit, most=2)
    with TestClient(app) as client, client.websocket_connect(STREAM) as socket:
        socket.send_text("no message of a page")
    assert ended == [1003]
