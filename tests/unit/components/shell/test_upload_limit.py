"""Uploads are bounded for each tab and for all; the one too many gets a sentence."""

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from components.shell import upload_limit
from components.shell.upload_limit import UploadLimit

FILE = "/_stcore/upload_file/{session}/{file}"


@pytest.fixture
def manager() -> MemoryUploadedFileManager:
    return MemoryUploadedFileManager("/_stcore/upload_file")


def client_of(manager: MemoryUploadedFileManager, **options: Any) -> TestClient:
    async def put(request: Request) -> PlainTextResponse:
        file = request.path_params["file"]
        manager.add_file(
            request.path_params["session"],
            UploadedFileRec(file_id=file, name=file, type="text/plain", data=await request.body()),
        )
        return PlainTextResponse("kept", 204)

    app = Starlette(routes=[Route(FILE, put, methods=["PUT"])])
    app.add_middleware(UploadLimit, kept=lambda: manager.file_storage, **options)
    return TestClient(app)


def put(client: TestClient, session: str, file: str, size: int = 1) -> tuple[int, str]:
    answer = client.put(FILE.format(session=session, file=file), content=b"x" * size)
    return answer.status_code, answer.text


def test_many_small_files_of_one_tab_are_refused_and_another_tab_goes_on(manager: MemoryUploadedFileManager) -> None:
    client = client_of(manager)
    answers = [put(client, "one", str(number))[0] for number in range(upload_limit.MAX_TAB_FILES + 2)]
    assert answers == [204] * upload_limit.MAX_TAB_FILES + [413] * 2
    assert put(client, "other", "1")[0] == 204
    manager.remove_file("one", "0")
    assert put(client, "one", "again")[0] == 204


@pytest.mark.parametrize(("limit", "says"), [("MAX_TAB_BYTES", "Remove a file"), ("MAX_BYTES", "Try again later")])
def test_many_bytes_are_refused(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch, limit: str, says: str
) -> None:
    monkeypatch.setattr(upload_limit, limit, 10)
    client = client_of(manager)
    assert put(client, "one", "1", 10)[0] == 204
    status, text = put(client, "one", "2")
    assert status in (413, 503)
    assert says in text


def test_files_that_arrive_at_once_wait(manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limit, "MAX_AT_ONCE", 0)
    assert put(client_of(manager), "one", "1")[0] == 503


def test_streamlit_keeps_files_where_the_limit_looks_for_them(manager: MemoryUploadedFileManager) -> None:
    manager.add_file("one", UploadedFileRec(file_id="1", name="a", type="text/plain", data=b"abc"))
    assert [len(file.data) for file in manager.file_storage["one"].values()] == [3]


@pytest.mark.parametrize("told", [True, False])
async def test_files_that_arrive_at_once_count_together(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    """Each of four fitted alone, and the tab had twice what it may have."""
    monkeypatch.setattr(upload_limit, "MAX_TAB_BYTES", 10)
    monkeypatch.setattr(upload_limit, "MAX_FILE_BYTES", 6)
    arrive, statuses = asyncio.Event(), []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await arrive.wait()
        await PlainTextResponse("kept", 204)(scope, receive, send)

    async def note(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def nothing() -> Message:
        raise AssertionError("the body of a refused file is not read")

    limited = UploadLimit(slow, kept=lambda: manager.file_storage)
    headers = [(b"content-length", b"6")] if told else []
    path = FILE.format(session="one", file="1")
    scope = {"type": "http", "method": "PUT", "path": path, "headers": headers}
    first = asyncio.create_task(limited(scope, nothing, note))
    await asyncio.sleep(0)
    await limited(scope, nothing, note)
    arrive.set()
    await first
    assert statuses == [413, 204]
    await limited(scope, nothing, note)
    assert statuses[-1] == 204, "what did not stay counts no longer"
