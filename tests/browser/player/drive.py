"""What a test does with the page of `harness.html`."""

from itertools import chain
from typing import Any

from playwright.sync_api import Locator, Page

from components.shell.modes import MODE_HEX


def open_player(page: Page, *panels: Any, **options: Any) -> None:
    page.evaluate("options => open_player(options)", {"panels": panels, "colours": MODE_HEX, **options})


def feed(page: Page, *parts: list[Any], index: int = 0) -> None:
    page.evaluate("([patches, index]) => feed(patches, index)", [list(chain(*parts)), index])


def turn_wheel(scroller: Locator, pixels: int) -> None:
    """Scroll by the wheel, which moves smoothly, and wait until it has arrived."""
    scroller.hover()
    end = scroller.evaluate("e => e.scrollTop") + pixels
    scroller.page.mouse.wheel(0, pixels)
    arrived = "([e, end]) => Math.abs(e.scrollTop - end) < 0.5"
    scroller.page.wait_for_function(arrived, arg=[scroller.element_handle(), end])
