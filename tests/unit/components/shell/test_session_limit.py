"""Open tabs are bounded, in all and for each address; the one too many gets a sentence."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from components.shell.session_limit import SessionLimit

DOCUMENT = {"accept": "text/html"}
STREAM = "/_stcore/stream"


async def session(socket: WebSocket) -> None:
    await socket.accept()
    await socket.receive()


@pytest.mark.parametrize("limits", [{"most": 2, "most_of_client": 9}, {"most": 9, "most_of_client": 2}])
def test_the_tab_beyond_the_limit_is_refused_until_another_one_closes(limits: dict[str, int]) -> None:
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("page")), WebSocketRoute(STREAM, session)])
    app.add_middleware(SessionLimit, **limits)
    with TestClient(app) as client, client.websocket_connect(STREAM):
        with client.websocket_connect(STREAM):
            with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(STREAM):
                pass
            assert refused.value.code == 1013
            full = client.get("/", headers=DOCUMENT)
            assert (full.status_code, full.headers["retry-after"]) == (503, "60")
            assert "Close one" in full.text
            assert client.get("/").text == "page", "what is no document goes on"
        assert client.get("/", headers=DOCUMENT).text == "page"
        with client.websocket_connect(STREAM):
            pass
