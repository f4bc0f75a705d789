"""Scripts and styles arrive compressed, and everything else as it is."""

import asyncio
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import Message

from components.shell.compressed_files import CompressedFiles

SCRIPT = "const answer = 42;\n" * 500
served: list[str] = []


class Counted(StaticFiles):
    """Notes each file that is read."""

    async def get_response(self, path: str, scope: dict[str, object]) -> Response:  # type: ignore[override]
        served.append(path)
        response = await super().get_response(path, scope)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, immutable"
        return response


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    served.clear()
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "index.A1.js").write_text(SCRIPT)
    (tmp_path / "js" / "font.woff2").write_bytes(b"font")

    async def document(_: Request) -> HTMLResponse:
        return HTMLResponse("the page")

    routes = [Mount("/static", Counted(directory=tmp_path)), Route("/{rest:path}", document)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(CompressedFiles)]))


def test_a_script_is_compressed_once_for_all_browsers(client: TestClient) -> None:
    for _ in range(2):
        answer = client.get("/static/js/index.A1.js")
        assert answer.text == SCRIPT
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == "public, immutable"
        assert answer.headers["content-type"].startswith("text/javascript")
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
        assert "etag" not in answer.headers
    assert served == ["js/index.A1.js"]


def test_a_browser_that_takes_nothing_compressed_gets_the_file_as_it_is(client: TestClient) -> None:
    answer = client.get("/static/js/index.A1.js", headers={"accept-encoding": "identity"})
    assert answer.text == SCRIPT
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("path", ["/static/js/font.woff2", "/static/js/gone.js", "/elsewhere/static/js/x.js", "/runs"])
def test_what_is_no_script_passes_unchanged(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert "content-encoding" not in answer.headers
    assert answer.status_code == (404 if "gone" in path else 200)


def test_a_part_of_a_file_is_not_compressed_as_the_whole(client: TestClient) -> None:
    answer = client.get("/static/js/index.A1.js", headers={"range": "bytes=0-3"})
    assert answer.status_code == 200
    assert answer.text == SCRIPT


def test_a_client_that_leaves_cuts_the_file_for_nobody(client: TestClient) -> None:
    """What it left of a file would be kept, and no page would open until the server is started again."""

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def nowhere(_: Message) -> None:
        pass

    path = "/static/js/index.A1.js"
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "query_string": b"", "app": client.app}
    asyncio.run(client.app({**scope, "headers": [(b"accept-encoding", b"gzip")]}, leave, nowhere))  # type: ignore[arg-type]
    assert client.get(path).text == SCRIPT
