"""Where the reader chooses the colours, what only a colour tells is still told."""

import pytest
from playwright.sync_api import Page

from tests.browser.player.drive import feed, open_player
from tests.browser.player.patches import BEFORE_TEXT, DETAILS, TEXT

pytestmark = pytest.mark.browser

BACKGROUNDS = """([selectors, pseudo]) => Object.fromEntries(selectors.map((selector) =>
    [selector, getComputedStyle(document.querySelector(selector), pseudo).backgroundColor]))"""


def test_bars_are_drawn_in_colours_that_differ_from_the_page(harness: Page) -> None:
    open_player(harness, "timeline", "progress")
    feed(harness, BEFORE_TEXT, TEXT, DETAILS)
    bars = [[".sl-bar", ".sl-fill"], None]
    chosen = harness.evaluate(BACKGROUNDS, bars)

    harness.emulate_media(forced_colors="active")
    try:
        assert harness.evaluate(BACKGROUNDS, bars) == chosen
    finally:
        harness.emulate_media(forced_colors="none")


def test_the_playhead_and_the_view_that_is_open_are_marked(harness: Page) -> None:
    harness.add_style_tag(url="/assets/transport.css")
    harness.evaluate(
        """entries => {
            const choices = [{ name: "Tokens", panels: ["tokens"], views: ["text"] }];
            new Replay(element, { recordings: [{ entries }], choices });
        }""",
        [[0.0, BEFORE_TEXT], [0.9, TEXT]],
    )
    playhead = [[".sl-playhead"], "::before"]
    chosen = harness.evaluate(BACKGROUNDS, playhead)

    harness.emulate_media(forced_colors="active")
    try:
        assert harness.evaluate(BACKGROUNDS, playhead) == chosen
        open_view = harness.locator(".sl-view[aria-pressed=true]")
        assert open_view.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    finally:
        harness.emulate_media(forced_colors="none")
