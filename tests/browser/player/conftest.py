"""The renderer on a page of its own, served on loopback: no app, no engine."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from components.player.files import FOLDER
from tests.support.browser_checks import watch_errors

HARNESS = Path(__file__).with_name("harness.html")


class Handler(SimpleHTTPRequestHandler):
    """`/` is the page of the tests, `/assets/` the player's folder, which the browser keeps for all tests."""

    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def translate_path(self, path: str) -> str:
        plain = path.partition("?")[0]
        return super().translate_path(plain.removeprefix("/assets")) if plain != "/" else str(HARNESS)

    def log_message(self, *content: Any) -> None:
        pass


@pytest.fixture(scope="package")
def harness_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(FOLDER))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="package")
def player_context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    context.set_default_timeout(10_000)
    context.new_page()  # keeps the window open, see `context`
    yield context
    context.close()


@pytest.fixture(scope="module")
def harness_pages(player_context: BrowserContext) -> Iterator[list[tuple[Page, list[str]]]]:
    """The page that the tests of a module load one after the other, with its errors; a new page costs half a test."""
    pages: list[tuple[Page, list[str]]] = []
    yield pages
    for page, _ in pages:
        page.close()


@pytest.fixture
def harness(
    player_context: BrowserContext,
    harness_pages: list[tuple[Page, list[str]]],
    harness_url: str,
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """The page with the renderer just loaded; it fails its test when the browser's console tells of an error."""
    if not harness_pages:
        new = player_context.new_page()
        harness_pages.append((new, watch_errors(new)))
    page, errors = harness_pages.pop()
    page.mouse.move(0, 0)
    page.goto(harness_url)
    page.wait_for_function("window.ready")
    failed_before = request.session.testsfailed
    yield page
    # Leaving the page ends what still runs in it; what a failed test leaves behind is closed.
    if request.session.testsfailed > failed_before:
        page.close()
    else:
        page.goto("about:blank")
        harness_pages.append((page, errors))
    found = errors.copy()
    errors.clear()
    assert found == []
