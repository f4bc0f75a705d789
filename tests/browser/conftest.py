"""A real server and a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.app_server import running_app
from tests.support.browser_checks import FAILURES, take_screenshot, watch_errors
from tools.find_browser import installed_browser

SHAPES = Path(__file__).parents[1] / "support" / "own_graphs" / "shapes.py"
WITHOUT = (
    # What Playwright leaves out; of two such flags Chromium obeys the last one.
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    "ThirdPartyStoragePartitioning",
    *("AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
    # One process draws all pages.
    *("IsolateOrigins", "SpareRendererForSitePerProcess"),
    # Pages of the window itself, in a process of their own: a window costs half without them.
    *("PreloadTopChromeWebUI", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process draws all pages, which spares each page a sixth of its work: the app's code is there already.
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    f"--disable-features={','.join(WITHOUT)}",
    # What the optimizing compiler takes for a page that lives for seconds, it never gives back.
    "--js-flags=--no-turbofan",
]


# What a test waits for comes within milliseconds or not at all; on a busy machine the milliseconds are seconds.
expect.set_options(timeout=30_000)


LONGEST = ("test_stage.py", "test_reload.py", "test_login.py")
"""Files that begin first, so that none of them runs alone in the end; the short ones, of the player, begin last."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's loop stays in the thread, and no async test can start another one."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> tuple[bool, bool, bool]:
    of_player = item.path.parent.name == "player"
    return item.get_closest_marker("browser") is not None, of_player, item.path.name not in LONGEST


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("server") / "log.txt", graph=f"{SHAPES}:chat") as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of the session, whose failures folder begins empty."""
    path = installed_browser()
    if path is None:
        pytest.fail("there is no Chromium: run make test, which finds or installs one")
    for picture in FAILURES.glob("*.png"):
        picture.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One for all tests: its cache spares each of them the app's megabytes of code; a page is a session of its own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    context.new_page()  # keeps the window open, which costs a second of computing; the pages of tests are its tabs
    yield context
    context.close()


@pytest.fixture
def new_page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Callable[[], Page]]:
    """Opens pages that fail their test when the console shows an error or a request leaves for another host."""
    opened: list[tuple[Page, list[str]]] = []

    def open_page() -> Page:
        page = context.new_page()
        opened.append((page, watch_errors(page)))
        return page

    failed_before = request.session.testsfailed
    yield open_page
    failed = request.session.testsfailed > failed_before
    errors = [error for _, page_errors in opened for error in page_errors]
    for number, (page, _) in enumerate(opened):
        if failed or errors:
            take_screenshot(page, f"{request.node.name}-{number}" if number else request.node.name)
        page.close()
    assert errors == []


@pytest.fixture
def page(new_page: Callable[[], Page]) -> Page:
    """A page as `new_page` opens it."""
    return new_page()
