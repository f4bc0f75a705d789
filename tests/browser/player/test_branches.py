"""Branches side by side, and what runs after them in the same box."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player

pytestmark = pytest.mark.browser

LONG, SHORT = "Hide ten small gifts in the town. " * 20, "Meet in the park. " * 6
FIRST = ("cheap", "fun", "quick")
WIDTHS = "cards => cards.map(({clientWidth, parentElement}) => clientWidth / parentElement.clientWidth)"


def writes(branch: str, text: str, *, started_at: float, ended_at: float | None = None) -> list[list[Any]]:
    """The patches of a branch with its text."""
    message = {"node": branch, "role": "ai", "branch": branch, "t": started_at}
    times = {"label": branch, "started_at": started_at, "ended_at": ended_at, "first_text_after_s": 0.1, "chunks": 9}
    return [["branch", branch, times], ["msg", f"m-{branch}", message], ["text", f"m-{branch}", text, started_at]]


def widths(page: Page) -> list[float]:
    """The share of the box's width that each card has."""
    found: list[float] = page.locator(".sl-branch").evaluate_all(WIDTHS)
    return found


def test_what_runs_alone_after_the_branches_takes_the_width_and_leaves_their_heads_in_sight(harness: Page) -> None:
    harness.set_viewport_size({"width": 1280, "height": 720})
    open_player(harness, {"panel": "branches", "height": 360})
    feed(harness, patches.STARTED, *(writes(branch, LONG, started_at=0.1) for branch in FIRST))
    assert all(0.2 < width < 0.34 for width in widths(harness))

    # The last of them ends when the next node starts.
    feed(harness, *([["branch", branch, {"ended_at": 1.0 + n}]] for n, branch in enumerate(FIRST)))
    feed(harness, writes("merge", SHORT, started_at=3.0))
    *before, merge = widths(harness)
    assert all(0.2 < width < 0.34 for width in before)
    assert merge > 0.9
    for card in harness.locator(".sl-branch").all():
        expect(card.locator(".sl-chip")).to_be_in_viewport(ratio=1)
    expect(harness.locator(".sl-branch").last).to_be_in_viewport(ratio=1)
    first = harness.locator(".sl-branch").first
    first.press("End")
    harness.wait_for_function("card => card.scrollTop > 0", arg=first.element_handle())


def test_branches_that_overlap_stay_side_by_side_however_many_there_are(harness: Page) -> None:
    harness.set_viewport_size({"width": 1280, "height": 720})
    open_player(harness, {"panel": "branches", "height": 360})
    for n, branch in enumerate((*FIRST, "late")):
        feed(harness, patches.STARTED, writes(branch, SHORT, started_at=0.1 + n, ended_at=8.0))
    # Of one the times are unknown.
    feed(harness, [["msg", "m", {"node": "x", "role": "ai"}], ["text", "m", SHORT, 9.0]])
    assert len(widths(harness)) == 5
    assert all(width < 0.34 for width in widths(harness))


def test_branches_below_each_other_on_a_phone_keep_their_height(harness: Page) -> None:
    harness.set_viewport_size({"width": 390, "height": 844})
    open_player(harness, {"panel": "branches", "height": 360})
    feed(harness, patches.STARTED, *(writes(branch, LONG, started_at=0.1, ended_at=1.0) for branch in FIRST))
    feed(harness, writes("merge", SHORT, started_at=1.0))
    cut = "cards => cards.filter((card) => card.scrollHeight > card.clientHeight).length"
    assert harness.locator(".sl-branch").evaluate_all(cut) == 0
