"""With a login, `/api` answers users and programs with the token; what is no cookie of this server counts as none."""

import json
import threading
from asyncio import Event
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from components.shell.login_wall import LoginWall
from components.shell.user_identity import identity, login_in
from streaming.core.errors import StoreUnavailable
from streaming.services import Services
from streaming.storage.login_store import LoginStore
from tests.support.services import Configure

COOKIE = "_streamlit_user"
TOKEN = "a-token-of-programs"
ADA = {"is_logged_in": True, "provider": "default", "iss": "https://id.example", "sub": "1", "email": "a@x.org"}


def signed(value: Any, *, name: str = COOKIE) -> str:
    return create_signed_value(
        get_cookie_secret(), name, value if isinstance(value, str) else json.dumps(value)
    ).decode()


def client(services: Services, **options: Any) -> TestClient:
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    async def follow(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("open")
        with suppress(WebSocketDisconnect):
            await socket.receive_text()

    async def draw(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json(sorted(socket.cookies))
        with suppress(WebSocketDisconnect):
            await socket.receive_text()

    sent: threading.Event = options.pop("sent", threading.Event())

    async def events(_: Request) -> StreamingResponse:
        async def stream() -> AsyncIterator[bytes]:
            yield b"first"
            sent.set()
            await Event().wait()

        return StreamingResponse(stream())

    def owner(request: Request) -> JSONResponse:
        return JSONResponse(getattr(request.state, "owner", None))

    routes = [
        Route("/api/events", events),
        Route("/{path:path}", owner, methods=["GET", "POST", "PUT"]),
        WebSocketRoute("/api/live", live),
        WebSocketRoute("/api/follow", follow),
        WebSocketRoute("/_stcore/stream", draw),
    ]
    app = Starlette(routes=routes)
    app.add_middleware(LoginWall, services=services, exempt=["/api/player/"], **options)
    return TestClient(app)


@pytest.fixture
def closed(configure: Configure) -> TestClient:
    return client(configure(login="true", api_token=TOKEN))


def test_without_the_setting_nothing_is_asked_for(services: Services) -> None:
    assert client(services).get("/api/runs/x").status_code == 200


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x" * 5000,
        "chunks-999999999",
        TOKEN,
        json.dumps(ADA),
        signed(ADA, name=f"{COOKIE}_tokens"),
        signed(ADA)[:-1],
        signed(ADA).partition(".")[0],
        signed({**ADA, "is_logged_in": "true"}),
        signed({**ADA, "sub": None, "email": ""}),
        signed("[]"),
        signed("no json"),
        signed("chunks-3"),
    ],
    # A signature has its time, so the processes of a test run would name the cases differently.
    ids=count(),
)
def test_a_cookie_that_says_nothing_opens_nothing(closed: TestClient, value: str) -> None:
    closed.cookies.set(COOKIE, value)
    assert closed.get("/api/runs/x").status_code == 401
    assert closed.post("/api/runs").status_code == 401
    assert closed.put("/_stcore/upload_file/session/file").status_code == 401
    with pytest.raises(WebSocketDisconnect) as refused, closed.websocket_connect("/api/live"):
        pass
    assert refused.value.code == 1008
    assert [closed.get(path).status_code for path in ("/", "/healthz", "/api/player/1/player.js")] == [200] * 3


def test_a_user_and_a_program_are_answered(closed: TestClient) -> None:
    assert closed.get("/api/runs/x", headers={"authorization": f"Bearer {TOKEN}"}).json() is None
    assert closed.get("/api/runs/x", headers={"authorization": "Bearer another"}).status_code == 401
    closed.cookies.set(COOKIE, signed(ADA))
    ada = closed.get("/api/runs/x").json()
    assert ada.startswith("user-")
    with closed.websocket_connect("/api/live"):
        pass
    closed.cookies.set(COOKIE, signed({**ADA, "name": "Ada Lovelace"}))
    assert closed.get("/api/runs/x").json() == ada, "the runs stay with a user who has changed the name"
    for other in ({**ADA, "sub": "2"}, {**ADA, "iss": "https://evil.example"}, {**ADA, "provider": "other"}):
        closed.cookies.set(COOKIE, signed(other))
        assert closed.get("/api/runs/x").json() != ada


OPENED = ("/api/follow", "/_stcore/stream")


@pytest.mark.parametrize("path", OPENED)
def test_a_logout_ends_what_the_login_has_opened_and_its_cookie(closed: TestClient, path: str) -> None:
    ada, bob = signed({**ADA, "nonce": "1"}), signed({**ADA, "nonce": "2"})
    with closed:
        closed.cookies.set(COOKIE, bob)
        with closed.websocket_connect(path) as other:
            other.receive()
            closed.cookies.set(COOKIE, ada)
            with closed.websocket_connect(path) as socket:
                socket.receive()
                left = closed.get("/auth/logout")
                with pytest.raises(WebSocketDisconnect) as ended:
                    socket.receive_text()
            other.send_text("is still open")
        assert ended.value.code == 1008
        assert left.headers["clear-site-data"] == '"cache"'

        # A copy of the cookie opens nothing more; it draws the button to log in.
        assert closed.get("/api/runs/x").status_code == 401
        assert closed.put("/_stcore/upload_file/session/file").status_code == 401
        assert closed.get("/api/runs/x", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
        closed.cookies.set("another", "1")
        with closed.websocket_connect("/_stcore/stream") as socket:
            assert socket.receive_json() == ["another"]
        closed.cookies.set(COOKIE, bob)
        assert closed.get("/api/runs/x").status_code == 200


def test_a_server_that_starts_again_refuses_the_copy_of_a_cookie(configure: Configure) -> None:
    services = configure(login="true")
    ada, bob = signed({**ADA, "nonce": "1"}), signed({**ADA, "nonce": "2"})
    with client(services) as first:
        first.cookies.set(COOKIE, ada)
        first.get("/auth/logout")
    with client(services) as again:
        again.cookies.set(COOKIE, ada)
        assert again.get("/api/runs/x").status_code == 401
        again.cookies.set(COOKIE, bob)
        assert again.get("/api/runs/x").status_code == 200


@pytest.mark.parametrize("path", OPENED)
def test_a_logout_on_another_server_ends_what_is_open_here(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("components.shell.ended_logins.READ_S", 0.0)
    services = configure(login="true")
    with client(services, check_s=0.01) as here, client(services) as elsewhere:
        for each in (here, elsewhere):
            each.cookies.set(COOKIE, signed(ADA))
        with here.websocket_connect(path) as socket:
            socket.receive()
            elsewhere.get("/auth/logout")
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()


def test_without_the_database_a_logout_counts_here_and_is_saved_later(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.shell.ended_logins.READ_S", 0.0)
    services = configure(login="true")
    with client(services) as closed:
        closed.cookies.set(COOKIE, signed(ADA))
        with monkeypatch.context() as broken:
            broken.setattr(LoginStore, "end", _fail)
            assert closed.get("/auth/logout").status_code == 200
            assert closed.get("/api/runs/x").status_code == 401
        assert services.login_store.ended() == []
        closed.get("/api/runs/x")
        assert len(services.login_store.ended()) == 1


def _fail(*_: object) -> None:
    raise StoreUnavailable("The history of runs cannot be used.")


def test_a_logout_ends_a_stream_of_events(configure: Configure) -> None:
    sent = threading.Event()
    with client(configure(login="true"), sent=sent) as closed, ThreadPoolExecutor() as pool:
        closed.cookies.set(COOKIE, signed(ADA))
        # The client of the tests gives an answer when it is whole.
        stream = pool.submit(closed.get, "/api/events")
        assert sent.wait(10)
        closed.get("/auth/logout")
        assert stream.result(10).content == b"first"


@pytest.mark.parametrize("path", OPENED)
def test_what_is_open_ends_with_the_age_of_its_cookie(
    configure: Configure, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    with client(configure(login="true"), check_s=0.01) as closed:
        closed.cookies.set(COOKIE, signed(ADA))
        with closed.websocket_connect(path) as socket:
            socket.receive()
            monkeypatch.setattr("components.shell.user_identity.decode_signed_value", lambda *_: None)
            with pytest.raises(WebSocketDisconnect):
                socket.receive_text()


@given(st.dictionaries(st.sampled_from([COOKIE, f"{COOKIE}_1"]), st.text()))
def test_no_text_is_an_identity(cookies: dict[str, str]) -> None:
    assert login_in(cookies) is None


@given(st.dictionaries(st.sampled_from(["is_logged_in", "sub", "iss", "email"]), st.none() | st.text() | st.integers()))
def test_no_user_without_a_login_is_one(user: dict[str, Any]) -> None:
    assert identity(user) is None
