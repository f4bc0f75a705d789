"""A real server and a real Chromium."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.support.app_server import running_app
from tools.find_browser import installed_browser

FAILURES = Path(__file__).with_name("failures")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOT_OURS = (
    # Streamlit looks for its server below the page's path first: a deep link gives two 404s.
    re.compile(r"/_stcore/(health|host-config)"),
    # Streamlit takes a page's Material icon as the tab's icon, from Google's server.
    re.compile(r"fonts\.gstatic\.com"),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's loop stays in the thread, and no async test can start another one."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("server") / "log.txt") as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = installed_browser()
    if path is None:
        pytest.fail("there is no Chromium: run make test, which finds or installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One for all tests: its cache spares each of them the app's megabytes of code; a page is a session of its own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that fails its test when the browser's console tells of an error of ours."""
    page = context.new_page()
    errors = watch_errors(page)
    failed_before = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed_before:
        FAILURES.mkdir(exist_ok=True)
        page.screenshot(path=FAILURES / f"{request.node.name.replace(os.sep, '_')}.png")
    page.close()
    assert errors == []


def watch_errors(page: Page) -> list[str]:
    """The list that console errors and uncaught exceptions of this page will be put on."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not any(known.search(where) for known in NOT_OURS):
            errors.append(f"{message.text} ({where})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors
