"""The pane that opens what is behind a node, a bar, a card or a word."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player

pytestmark = pytest.mark.browser

WORDS = ["**The** ", "quick ", "brown ", "`fox` ", "jumps"]
CHECKPOINT = '{"config": {"configurable": {"checkpoint_id": "c2"}}}'
UPDATE = '{"plan": {"notes": ["a", "b"]}}'
RAW: list[list[Any]] = [
    [1, 0.02, "tasks", "", "plan", "", 90, '{"id": "t1", "name": "plan", "input": {}}'],
    [2, 0.4, "tasks", "", "plan", "", 90, '{"id": "t1", "name": "plan", "result": {}}'],
    [3, 0.4, "updates", "", "plan", "", 220, UPDATE],
    [4, 0.4, "checkpoints", "", "", "", 300, CHECKPOINT],
    *([n, n / 10, "messages", "", "write", text, 50, f'[{{"id": "m", "n": {n}}}]'] for n, text in enumerate(WORDS, 5)),
]
MESSAGE: list[Any] = [
    ["msg", "m9", {"id": "m", "node": "write", "ns": "", "role": "ai", "tags": [], "t": 0.5, "first_at": 0.5}],
    ["text", "m9", "".join(WORDS), 0.9],
]
GRAPH = {"panel": "diagram", "nodes": ["plan", "write"], "edges": [["plan", "write", False]]}


def close(pane: Locator) -> None:
    pane.page.keyboard.press("Escape")
    expect(pane).to_have_count(0)


def test_what_is_clicked_opens_with_the_parts_that_langgraph_sent(harness: Page) -> None:
    open_player(harness, GRAPH, "timeline", "updates", "tasks", "checkpoints", {"panel": "tokens", "height": 100})
    feed(harness, patches.BEFORE_TEXT, patches.DETAILS, MESSAGE, [["raw", RAW]], patches.ENDED)
    pane = harness.get_by_role("dialog")

    node = harness.get_by_role("button", name="plan").and_(harness.locator(".sl-diagram-node"))
    node.focus()
    harness.keyboard.press("Enter")
    expect(pane).to_contain_text("#1 · 20 ms · tasks · plan")
    close(pane)
    expect(node).to_be_focused()

    harness.locator(".sl-timeline .sl-track-row", has_text="plan").click()
    expect(pane).to_contain_text("took 380 ms")
    expect(pane.locator("pre")).to_have_text([RAW[0][7], RAW[1][7]])
    close(pane)

    harness.get_by_role("region", name="Updates").get_by_role("button", name="plan").press("Enter")
    expect(pane.locator(".sl-opened-part pre")).to_have_text([UPDATE])
    close(pane)

    harness.get_by_role("region", name="Tasks").locator(".sl-card").nth(1).click(position={"x": 300, "y": 30})
    expect(pane).to_contain_text("plan: result")
    expect(pane.locator(".sl-opened-part pre")).to_have_text([RAW[1][7]])
    close(pane)

    harness.get_by_role("region", name="Checkpoints").get_by_role("button", name="step 0").click()
    expect(pane.locator(".sl-opened-part pre")).to_have_text([CHECKPOINT])
    close(pane)

    text = harness.get_by_role("region", name="Answer")
    text.locator("code").click()
    expect(pane).to_contain_text("part 4 of 5")
    close(pane)
    expect(text).to_be_focused()
    text.press("Enter")
    expect(pane).to_contain_text("part 1 of 5")
    pane.get_by_role("button", name="Close").click()
    expect(pane).to_have_count(0)
