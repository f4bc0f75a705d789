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
    yield context
    context.close()


@pytest.fixture
def harness(player_context: BrowserContext, harness_url: str) -> Iterator[Page]:
    """The page with the renderer loaded; it fails its test when the browser's console tells of an error."""
    page = player_context.new_page()
    errors = watch_errors(page)
    page.goto(harness_url)
    page.wait_for_function("window.ready")
    yield page
    page.close()
    assert errors == []
