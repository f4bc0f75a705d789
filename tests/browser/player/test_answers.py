"""What the screen says about an answer beside its text: reasoning, content that is not text, and how it ended."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player

pytestmark = pytest.mark.browser

THINKING = [["msg", "m", {"role": "ai", "node": "write"}], ["think", "m", "The moon is low. ", 0.1]]


def test_reasoning_is_one_line_while_it_grows_and_opens_on_demand_afterwards(harness: Page) -> None:
    open_player(harness, "tokens")
    feed(harness, patches.STARTED, THINKING, [["think", "m", "So it is ebb.", 0.2]])
    line = harness.locator(".sl-reasoning summary")
    expect(line).to_have_text("The moon is low. So it is ebb.")
    height = line.evaluate("e => e.getBoundingClientRect().height")
    feed(harness, [["think", "m", "And the tide goes out, " * 200, 0.3]])
    assert line.evaluate("e => e.getBoundingClientRect().height") == height
    ends_in_sight = "e => e.querySelector('bdi').getBoundingClientRect().right <= e.getBoundingClientRect().right + 1"
    assert line.evaluate(ends_in_sight), "its latest words are in sight"

    feed(harness, [["msg", "m", {"thought_s": 12.3}], ["text", "m", "The tide is out.", 12.4]])

    expect(line).to_have_text("Thought for 12 s")
    expect(harness.get_by_text("So it is ebb.")).to_be_hidden()
    line.click()
    expect(harness.get_by_text("So it is ebb.")).to_be_visible()
    feed(harness, [["text", "m", " Now.", 12.5]])
    expect(harness.get_by_text("So it is ebb.")).to_be_visible()
    expect(harness.locator(".sl-markdown")).to_have_text("The tide is out. Now.")


def test_an_answer_says_in_one_line_how_it_ended(harness: Page) -> None:
    open_player(harness, "status", "tokens")
    note = "Cut off here: the token limit was reached."
    end = {"t": 0.3, "cut": False, "how": "cut by length", "note": note}
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["text", "m", "The tide", 0.2], ["end", "m", end]])
    expect(harness.locator(".sl-ending")).to_have_text(note)

    feed(harness, [["run", {"status": "Completed", "answers": "The answer of write: cut off here."}], ["over"]])
    expect(harness.locator(".sl-status")).to_contain_text("The answer of write: cut off here.")


def test_an_answer_without_text_is_explained(harness: Page) -> None:
    open_player(harness, "tokens")
    end = {"t": 0.3, "cut": False, "how": "filtered", "note": "Stopped by the provider's content filter."}
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["end", "m", end], ["over"]])
    expect(harness.get_by_text("Stopped by the provider's content filter.")).to_be_visible()


def test_content_that_is_not_text_is_named_with_type_and_size(harness: Page) -> None:
    open_player(harness, "tokens")
    parts = [{"type": "image", "media": "image/png", "size": 12_000}, {"type": "hologram", "media": "", "size": 7}]
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["msg", "m", {"parts": parts}]])
    expect(harness.locator(".sl-parts")).to_have_text("Not drawn here: image (image/png, 12.0 KB) · hologram (7 B)")
