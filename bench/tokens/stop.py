"""From a click on Stop to the closed connection of the provider."""

import time

import httpx
from playwright.sync_api import Browser

from bench.tokens.measure import WATCH
from bench.tokens.targets import APP_PAGES, Servers
from bench.tokens.words import Answer

_ANSWER = Answer(words=3000, rate=100)
_PATIENCE_S = 10.0


def stop_ms(browser: Browser, servers: Servers, tries: int) -> list[float]:
    """Milliseconds of each try, on `/messages`."""
    return [_one(browser, servers) for _ in range(tries)]


def _one(browser: Browser, servers: Servers) -> float:
    model, target, provider = _ANSWER.new_name(), APP_PAGES[0], servers["provider"].url
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.add_init_script(WATCH)
        page = context.new_page()
        target.prepare(page, servers[target.server].url, provider, model)
        page.evaluate(f"bench.pane = {target.pane!r}")
        target.start(page)
        page.wait_for_function("bench.last >= 50", timeout=30_000, polling=100)
        page.get_by_role("button", name="Stop", exact=True).click()
        clicked: float = page.evaluate("bench.clicked")
        return _closed_at(f"{provider}/answers/{model}") * 1000 - clicked


def _closed_at(url: str) -> float:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        closed: float | None = httpx.get(url).json()["closed_at"]
        if closed is not None:
            return closed
        time.sleep(0.05)
    raise RuntimeError("the provider's connection was not closed")
