"""While text streams, a frame does no work whose result nobody sees."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player
from tests.browser.player.test_delivered import CODE, LIT

pytestmark = pytest.mark.browser


def rows(first: int, end: int) -> list[list[object]]:
    return [
        ["raw", [[n, n / 100, "messages", "", "write", f"w{n}", 120, f'[["w{n}"], {{}}]'] for n in range(first, end)]]
    ]


def test_a_list_of_parts_is_not_painted_with_each_frame_of_the_text(harness: Page) -> None:
    open_player(harness, {"panel": "raw", "height": 200}, "tokens")
    feed(harness, patches.STARTED)
    texts, paintings = harness.evaluate(
        """async parts => {
            let texts = 0, paintings = 0;
            const changes = { childList: true, subtree: true, characterData: true };
            const seen = (selector, count) =>
                new MutationObserver(count).observe(document.querySelector(selector), changes);
            seen(".sl-text", () => texts++);
            seen(".sl-window", () => paintings++);
            for (const part of parts) {
                player.feed(part);
                await new Promise(requestAnimationFrame);
            }
            return [texts, paintings];
        }""",
        [[*patches.TEXT[:1], ["text", "m1", f"word{n} ", n / 50], *rows(n, n + 1)] for n in range(40)],
    )
    assert texts >= 39
    assert 1 <= paintings <= texts / 2
    expect(harness.locator(".sl-window")).to_contain_text("w39")


def test_a_list_of_parts_is_complete_in_the_frame_that_ends_the_run(harness: Page) -> None:
    open_player(harness, {"panel": "raw", "height": 200})
    feed(harness, patches.STARTED, rows(0, 2))
    feed(harness, rows(2, 8), patches.ENDED)
    assert "w7" in harness.locator(".sl-window").inner_text()


def test_what_is_hidden_already_is_not_hidden_again(harness: Page) -> None:
    """Each writing of the attribute, the same value too, makes a browser look at styles."""
    open_player(harness, "status", "tokens", "timeline", {"panel": "raw", "height": 200})
    feed(harness, patches.BEFORE_TEXT, patches.TEXT)
    written = harness.evaluate(
        """async () => {
            const written = [];
            new MutationObserver(records => written.push(...records.map(({ target }) => target.className)))
                .observe(document.body, { subtree: true, attributeFilter: ["hidden"] });
            for (let n = 0; n < 10; n++) {
                player.feed([["text", "m1", "more ", 1 + n / 50], ["clock", 1 + n / 50]]);
                await new Promise(requestAnimationFrame);
            }
            return written;
        }"""
    )
    assert written == []


def test_code_out_of_sight_has_no_mark_until_it_is_scrolled_to(harness: Page) -> None:
    harness.evaluate(f"() => {{{CODE} code.style.cssText = 'display: block; margin-top: 3000px';}}")
    open_player(harness, {"panel": "delivered", "lines": {"messages": "print(1)"}, "code": "code"})
    feed(harness, patches.STARTED)
    # It delivers all the time, so that its light stays on.
    harness.evaluate("() => { let n = 0; setInterval(() => player.feed([['lane', 'messages', [[n++, 1, 9]]]]), 50); }")
    harness.locator(".sl-delivery.sl-lit").wait_for()
    harness.wait_for_function(f"() => {LIT}.length === 0 && document.querySelector('.sl-lit')")
    harness.evaluate("() => document.querySelector('code').scrollIntoView()")
    harness.wait_for_function(f"() => {LIT}.includes('print(1)')")
