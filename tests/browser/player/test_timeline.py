"""The rows of a timeline: which are in sight, what says that there are more, and how they are named."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player, turn_wheel

pytestmark = pytest.mark.browser
ROWS = 4


def span(task_id: str, node: str, ns: str = "", **fields: Any) -> list[Any]:
    return ["span", task_id, {"node": node, "ns": ns, "start": 0, "end": 1, "state": "done", **fields}]


def in_sight(harness: Page) -> list[str]:
    """The names of the rows that a reader sees."""
    found: list[str] = harness.evaluate(
        """() => {
          const box = document.querySelector(".sl-spans").getBoundingClientRect();
          const rows = [...document.querySelectorAll(".sl-spans .sl-track-row")];
          const seen = rows.filter((row) => {
            const { top, bottom } = row.getBoundingClientRect();
            return top > box.top - 2 && bottom < box.bottom + 2;
          });
          return seen.map((row) => row.firstChild.textContent);
        }"""
    )
    return found


def more(harness: Page) -> Locator:
    return harness.locator(".sl-hidden-rows:visible")


def test_buttons_say_how_many_rows_are_above_and_below_and_lead_there(harness: Page) -> None:
    open_player(harness, {"panel": "timeline", "lanes": [], "rows": ROWS})
    feed(harness, [span(f"t{number}", f"n{number}") for number in range(3)], [["clock", 1.0]])
    expect(harness.locator(".sl-spans .sl-track-row")).to_have_count(3)
    expect(more(harness)).to_have_count(0)
    height = harness.locator(".sl-timeline").bounding_box()
    feed(harness, [span(f"t{number}", f"n{number}") for number in range(3, 10)])
    expect(more(harness)).to_have_text(["↑ 6 more"])
    assert in_sight(harness) == ["n6", "n7", "n8", "n9"], "what runs is in sight"
    assert harness.locator(".sl-timeline").bounding_box() == height, "nothing moves"
    feed(harness, [["run", {"outcome": "completed", "ended_at": 1.0}], ["over"]])
    expect(more(harness)).to_have_text(["↓ 6 more"])
    assert in_sight(harness) == ["n0", "n1", "n2", "n3"], "after the end it is read from the beginning"
    more(harness).press("Enter")
    expect(more(harness)).to_have_text(["↑ 4 more", "↓ 2 more"])
    expect(harness.locator(".sl-spans")).to_be_focused()
    more(harness).last.click()
    expect(more(harness)).to_have_text(["↑ 6 more"])


def test_a_run_that_told_of_no_node_says_which_mode_does(harness: Page) -> None:
    open_player(harness, {"panel": "timeline", "lanes": [], "rows": ROWS})
    said = "() => getComputedStyle(document.querySelector('.sl-spans'), '::before').content"
    feed(harness, [["clock", 1.0]])
    assert "appears here" in harness.evaluate(said)
    feed(harness, [["run", {"outcome": "completed", "ended_at": 1.0}], ["over"]])
    expect(harness.locator(".sl-spans.sl-over")).to_have_count(1)
    assert "the mode tasks" in harness.evaluate(said)


def test_a_reader_who_has_scrolled_up_stays_there_when_rows_come_and_when_they_end(harness: Page) -> None:
    open_player(harness, {"panel": "timeline", "lanes": [], "rows": ROWS})
    feed(harness, [span(f"t{number}", f"n{number}") for number in range(10)], [["clock", 1.0]])
    expect(more(harness)).to_have_text(["↑ 6 more"])
    turn_wheel(harness.locator(".sl-spans"), -48)
    expect(more(harness)).to_have_text(["↑ 4 more", "↓ 2 more"])
    feed(harness, [span("t10", "n10")])
    expect(more(harness)).to_have_text(["↑ 4 more", "↓ 3 more"])
    feed(harness, [["run", {"outcome": "completed", "ended_at": 1.0}], ["over"]])
    expect(more(harness)).to_have_text(["↑ 4 more", "↓ 3 more"])


def test_rows_inside_branches_of_one_node_name_their_branch(harness: Page) -> None:
    open_player(harness, {"panel": "timeline", "lanes": [], "rows": 9})
    feed(
        harness,
        [span("p", "plan"), span("a", "study", label="study · cats"), span("b", "study", label="study · dogs")],
        [span("c", "check", "study:a"), span("d", "check", "study:b"), span("e", "verify", "study:b|check:d")],
        [span("f", "write"), span("g", "write"), ["clock", 1.0]],
    )
    expect(harness.locator(".sl-spans .sl-track-label")).to_have_text(
        [
            *("plan", "study 1 · cats", "study 2 · dogs", "study 1 › check", "study 2 › check", "study 2 › verify"),
            *("write", "write"),
        ]
    )
    rows = harness.locator(".sl-spans .sl-track-row")
    expect(rows.nth(5)).to_have_attribute("title", "study 2 › check › verify")


def test_spans_that_are_said_to_be_inside_each_other_are_drawn(harness: Page) -> None:
    """The page would stand still for good."""
    open_player(harness, "timeline")
    inside = {"a": "n:b", "b": "n:a", "c": "n:c"}
    spans = [["span", one, {"node": one, "ns": ns, "start": 0.1, "end": 0.2}] for one, ns in inside.items()]
    feed(harness, patches.STARTED, spans)
    expect(harness.get_by_text("b › a", exact=True)).to_be_visible()
