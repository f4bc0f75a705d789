"""What a test does with the page of `harness.html`."""

from itertools import chain
from typing import Any

from playwright.sync_api import Page

from components.shell.modes import MODE_HEX


def open_player(page: Page, *panels: Any, **options: Any) -> None:
    page.evaluate("options => open_player(options)", {"panels": panels, "colours": MODE_HEX, **options})


def feed(page: Page, *parts: list[Any], index: int = 0) -> None:
    page.evaluate("([patches, index]) => feed(patches, index)", [list(chain(*parts)), index])
