"""The modes beside the code light up with what they deliver."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player

pytestmark = pytest.mark.browser

CODE = """
const code = document.createElement("code");
for (const text of ["match part:\\n  ", "pri", "nt(1)", "\\n  print(2)"]) {
  const span = document.createElement("span");
  span.textContent = text;
  code.append(span);
}
document.body.append(code);
"""
LIT = "[...CSS.highlights.get('sl-delivered') ?? []].map(String)"


def test_line_of_a_mode_is_marked_while_the_mode_delivers(harness: Page) -> None:
    harness.evaluate(f"() => {{{CODE}}}")
    lines = {"messages": "print(1)", "updates": "print(2)"}
    open_player(harness, {"panel": "delivered", "lines": lines, "code": "code"})
    feed(harness, patches.STARTED)
    chip = harness.locator(".sl-delivery", has_text="messages")
    expect(chip).to_have_text("messages 0")

    # In the frame that draws it: the light goes out soon, and a busy machine may look later.
    lit = harness.evaluate(f"""async () => {{
        player.feed([['lane', 'messages', [[9, 2, 80]]]]);
        await new Promise(requestAnimationFrame);
        return [{LIT}, document.querySelector(".sl-delivery").className];
    }}""")

    expect(chip).to_have_text("messages 2")
    assert lit == [["print(1)"], "sl-dotted sl-delivery sl-lit"]
    harness.wait_for_function(f"() => {LIT}.length === 0")
    expect(chip).not_to_have_class("sl-lit")
