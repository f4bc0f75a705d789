"""The socket of the player: a real client against a real server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Thread
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from graphs import GRAPHS
from streaming.core.events import Ended, Started, Token, Values
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run, new_run_id
from streaming.http import websocket as module
from streaming.http.websocket import live_route
from streaming.live.folding import View, empty_view, fold
from streaming.live.view import patches_of
from streaming.runtime.run_facts import about_run, edges_of
from streaming.services import Services


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    """The route on a real socket."""
    with running(Starlette(routes=[live_route(services)])) as found:
        yield found


@contextmanager
def running(app: Starlette) -> Iterator[str]:
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio")
    serving = uvicorn.Server(config)
    thread = Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.01)
    yield f"127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    serving.should_exit = True
    thread.join()


@asynccontextmanager
async def client(address: str, **options: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://{address}/api/live", compression=None, **options) as socket:
        yield socket


def begun(services: Services, tokens: int = 30, tokens_per_s: float = 100_000) -> Run:
    model = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=tokens_per_s, jitter=0, tokens=tokens))
    return services.engine.start(RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello"))


def stored(services: Services, run: Run) -> Run:
    """A run that the engine knows, whose events the test appends."""
    services.engine.registry.add(run)
    return run


def new_run() -> Run:
    request = RunRequest(graph=GRAPHS["chat"], model=ModelSpec(provider="scripted"), modes=("messages",), prompt="Hi")
    return Run(request, thread_id="t")


def token(number: int) -> Token:
    return Token(ns=(), message_id="run-1", node="chat", role="ai", text=f"{number} ")


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection) -> dict[str, Any]:
    """The next message that is no heartbeat."""
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        if "beat" not in message:
            return message


class Player:
    """What the browser does: the views of the runs that it follows."""

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self.seq: dict[str, int] = {}
        self.snapshots = 0
        self.ids: dict[Any, str] = {}

    async def play(self, socket: ClientConnection, until: Callable[["Player"], bool]) -> None:
        while not until(self):
            message = await hear(socket)
            if "as" in message:
                self.ids[message["as"]] = message["run"]
            run = self.ids.get(message["run"], message["run"])
            if message.get("snapshot"):
                self.views[run] = empty_view()
                self.snapshots += 1
            fold(self.views[run], message["p"])
            self.seq[run] = message["seq"]

    def over(self, *runs: Run) -> bool:
        return all(self.views.get(run.id, {}).get("over") for run in runs)


def plain(view: View) -> Any:
    return json.loads(json.dumps(view))


def expected(run: Run) -> Any:
    found = patches_of(run.events, about=about_run(run), edges=edges_of(run))
    return plain(fold(empty_view(), [patch for _, patches in found for patch in patches]))


async def test_one_socket_follows_several_real_runs_to_their_end(services: Services, address: str) -> None:
    runs = [begun(services, tokens=40 + n, tokens_per_s=2000) for n in range(3)]
    player = Player()
    async with client(address) as socket:
        for run in runs:
            await say(socket, follow=run.id)
        await player.play(socket, lambda played: played.over(*runs))
    for run in runs:
        assert plain(player.views[run.id]) == expected(run)
        assert player.views[run.id]["run"]["status"] == "Completed"
        assert player.views[run.id]["run"]["prompt"] == "Hello"


async def test_a_client_that_follows_ahead_gets_a_run_from_its_start(services: Services, address: str) -> None:
    player, run_id = Player(), new_run_id()
    async with client(address) as socket:
        await say(socket, follow=run_id, ahead=True)
        await say(socket, ping=1)
        assert await hear(socket) == {"pong": 1}, "a run that is still to come is not gone"
        model = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=100_000, jitter=0, tokens=30))
        request = RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages",), prompt="Hello")
        (run,) = services.engine.start_in_turn([request], first_id=run_id)
        assert run.id == run_id
        await player.play(socket, lambda played: played.over(run))
    assert plain(player.views[run_id]) == expected(run)


async def test_after_a_cut_the_client_goes_on_with_the_rest(services: Services, address: str) -> None:
    run = stored(services, new_run())
    run.append(Started(thread_id="t"))
    player = Player()
    for number in range(5):
        run.append(token(number), size=100)
        async with client(address) as socket:
            await say(socket, follow=run.id, since=player.seq.get(run.id, 0))
            await player.play(socket, lambda played, seq=number + 2: played.seq.get(run.id, 0) >= seq)
            socket.transport.abort()  # a cut, and no goodbye
    run.append(token(5), size=100)
    run.append(Ended(outcome="completed"))
    async with client(address) as socket:
        await say(socket, follow=run.id, since=player.seq[run.id])
        await player.play(socket, lambda played: played.over(run))
    assert player.snapshots == 1
    assert plain(player.views[run.id]) == expected(run)


async def test_a_client_that_does_not_read_gets_all_in_few_frames_and_slows_nothing(
    services: Services, address: str
) -> None:
    run = stored(services, new_run())
    run.append(Started(thread_id="t"))
    lazy_player, quick_player = Player(), Player()
    async with client(address, max_queue=1) as lazy, client(address) as quick:
        await say(lazy, follow=run.id, views=["text", "raw"])
        await say(quick, follow=run.id)
        for number in range(30_000):
            run.append(token(number), size=100)
            if number % 1000 == 0:
                await asyncio.sleep(0)
        run.append(Ended(outcome="completed"))
        await quick_player.play(quick, lambda played: played.over(run))
        await lazy_player.play(lazy, lambda played: played.over(run) and len(played.views[run.id]["raw"]) == 30_000)
    text = "".join(f"{number} " for number in range(30_000))
    for player in (lazy_player, quick_player):
        assert [message["text"] for message in player.views[run.id]["messages"].values()] == [text]


async def test_a_hundred_clients_see_the_same(services: Services, address: str) -> None:
    run = stored(services, new_run())
    run.append(Started(thread_id="t"))
    players = [Player() for _ in range(100)]

    async def play(player: Player) -> None:
        async with client(address) as socket:
            await say(socket, follow=run.id)
            await player.play(socket, lambda played: played.over(run))

    playing = [asyncio.create_task(play(player)) for player in players]
    for number in range(50):
        run.append(token(number), size=100)
        await asyncio.sleep(0.005)
    run.append(Ended(outcome="completed"))
    await asyncio.gather(*playing)
    assert all(plain(player.views[run.id]) == expected(run) for player in players)


async def test_a_run_without_clients_is_not_followed(services: Services, address: str) -> None:
    run = stored(services, new_run())
    run.append(token(0))
    async with client(address) as socket:
        await say(socket, follow=run.id)
        await hear(socket)
        assert run.followed
        await say(socket, leave=run.id)
        while run.followed:
            await asyncio.sleep(0.005)
        await say(socket, follow=run.id)
        while not run.followed:
            await asyncio.sleep(0.005)
    while run.followed:
        await asyncio.sleep(0.005)


async def test_a_cut_off_message_of_a_client_is_an_answer_and_no_crash(services: Services, address: str) -> None:
    wrong = [
        "",
        "{",
        "[]",
        "1",
        "{}",
        '{"follow": 3}',
        '{"follow": "x", "since": "1"}',
        '{"follow": "x", "since": -1}',
        '{"follow": "x", "since": true}',
        '{"follow": "x", "views": "text"}',
        '{"follow": "x", "views": [1]}',
        '{"part": 3, "seq": 1}',
        '{"part": "x", "seq": -1}',
        "[" * 4000,
        json.dumps({"follow": "x" * 5000}),
    ]
    async with client(address) as socket:
        for message in wrong:
            await socket.send(message)
            assert "error" in await hear(socket), message
        await say(socket, ping=7)
        assert await hear(socket) == {"pong": 7}
        await say(socket, follow="nothing", views=["unheard of"])
        assert "gone" in await hear(socket)
        await socket.send(b"\x00\x01")
        assert "error" in await hear(socket)


async def test_whole_of_a_part_whose_row_was_cut(services: Services, address: str) -> None:
    run = stored(services, new_run())
    run.append(Started(thread_id="t"))
    run.append(Values(ns=(), state={"a": "b" * 5_000}))
    async with client(address) as socket:
        await say(socket, part=run.id, seq=1)
        assert await hear(socket) == {"run": run.id, "part": 1, "json": '{"a":"' + "b" * 5_000 + '"}'}
        for nothing in ({"part": run.id, "seq": 0}, {"part": run.id, "seq": 2}, {"part": "nothing", "seq": 1}):
            await say(socket, **nothing)
            assert (await hear(socket))["json"] is None


async def test_limits_of_follows_and_of_messages(
    services: Services, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_FOLLOWS", 2)
    runs = [stored(services, new_run()) for _ in range(3)]
    async with client(address) as socket:
        for run in runs:
            await say(socket, follow=run.id)
        while "error" not in (message := await hear(socket)):
            pass
        assert "at most 2 runs" in message["error"]
        for _ in range(200):
            await say(socket, ping=1)
        while "pong" in (message := await hear(socket)) or "run" in message:
            pass
        assert "messages a second" in message["error"]
        await socket.wait_closed()
        assert socket.close_code == 1008


async def test_limit_of_sockets_from_one_address(
    services: Services, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SOCKETS_PER_CLIENT", 2)
    async with client(address), client(address), client(address) as third:
        assert "Too many connections" in (await hear(third))["error"]
        await third.wait_closed()
        assert third.close_code == 1013
    refused = True
    while refused:  # the places are free again as soon as the server has seen the others go
        async with client(address) as again:
            await say(again, ping=1)
            refused = "error" in await hear(again)


async def test_a_silent_connection_has_a_heartbeat(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    with running(Starlette(routes=[live_route(services)])) as address:
        async with client(address) as socket:
            assert "beat" in json.loads(await socket.recv())


@pytest.mark.parametrize(
    ("origin", "refused"),
    [
        ("http://{address}", False),
        ("http://localhost:3000", False),
        ("http://evil.example", True),
        ("https://127.0.0.1.evil.example", True),
        ("null", True),
        ("file://", True),
        ("http://[", True),
    ],
)
async def test_a_page_of_another_origin_is_refused(address: str, origin: str, refused: bool) -> None:
    options = {"additional_headers": {"Origin": origin.format(address=address)}}
    if refused:
        with pytest.raises(InvalidStatus) as error:
            async with client(address, **options):
                pass
        assert error.value.response.status_code == 403
    else:
        async with client(address, **options) as socket:
            await say(socket, ping=1)
            assert await hear(socket) == {"pong": 1}


@pytest.mark.parametrize(
    ("host", "origin", "proxy", "refused"),
    [
        ("lab.example", "https://lab.example", "", False),
        ("lab.example:8443", "https://lab.example:8443", "", False),
        ("lab.example", "http://localhost:8501", "", True),
        ("lab.example", "https://other.example", "", True),
        ("lab.example", "https://allowed.example", "", False),
        ("10.0.0.5:8501", "https://lab.example", "lab.example", True),
        ("localhost:8501", "http://localhost:3000", "", False),
        ("localhost:8501", "http://localhost:8501.other.example", "", True),
        ("localhost:8501", "http://localhost:99999", "", True),
    ],
)
def test_the_origin_is_this_server_or_an_allowed_one(
    services: Services, host: str, origin: str, proxy: str, refused: bool
) -> None:
    app = TestClient(Starlette(routes=[live_route(services, allowed_origins=["allowed.example"])]))
    headers = {"host": host, "origin": origin, **({"x-forwarded-host": proxy} if proxy else {})}
    if refused:
        with pytest.raises(WebSocketDisconnect), app.websocket_connect("/api/live", headers=headers):
            pass
    else:
        with app.websocket_connect("/api/live", headers=headers) as socket:
            socket.send_json({"ping": 1})
            assert socket.receive_json() == {"pong": 1}


def test_behind_a_trusted_proxy_the_host_is_the_one_that_it_names(configure: Callable[..., Services]) -> None:
    app = TestClient(Starlette(routes=[live_route(configure(trust_proxy="true"))]))
    headers = {"host": "10.0.0.5:8501", "origin": "https://lab.example", "x-forwarded-host": "lab.example"}
    with app.websocket_connect("/api/live", headers=headers) as socket:
        socket.send_json({"ping": 1})
        assert socket.receive_json() == {"pong": 1}


@pytest.mark.parametrize("since", [0, 3, 10_000])
async def test_a_run_of_an_earlier_server_comes_from_the_history_and_whole(
    services: Services, configure: Callable[..., Services], since: int
) -> None:
    """What the client had from the other server may be more than what that one could store."""
    run = begun(services)
    async with asyncio.timeout(20):
        async for _ in run.afollow():
            pass
    services.close()
    player = Player()
    with running(Starlette(routes=[live_route(configure())])) as address:
        async with client(address) as socket:
            await say(socket, follow=run.id, since=since)
            await player.play(socket, lambda player: player.over(run))
            await say(socket, follow="gone", since=since)
            assert "neither on this server nor in its history" in (await hear(socket))["gone"]
    assert player.snapshots == 1
    assert player.seq[run.id] == run.length
