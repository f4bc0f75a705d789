"""Lists of any length: few items are drawn, each can be reached, and a recording moves them in both directions."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player, turn_wheel

pytestmark = pytest.mark.browser

LAST = 4_999
MOST_DRAWN = 100


def update(n: int) -> list[Any]:
    return ["upd", {"t": n / 100, "node": f"node{n}", "ns": "", "fields": {"number": n}, "size": 9}]


def titles(page: Page) -> list[str]:
    return page.locator(".sl-card-title").all_inner_texts()


def play(harness: Page, entries: list[Any]) -> None:
    """Show a recording of these entries in the panels that are open."""
    harness.evaluate(
        """entries => {
            window.playback = new Playback(entries);
            player.show({ ...player.options, runs: [], playbacks: [playback] });
        }""",
        entries,
    )


def test_of_many_updates_the_last_are_drawn_and_the_reader_scrolls_to_the_first(harness: Page) -> None:
    open_player(harness, "updates")
    feed(harness, patches.STARTED, [update(n) for n in range(200)])
    assert titles(harness)[-1] == "node199"
    assert len(titles(harness)) < MOST_DRAWN

    cards = harness.get_by_role("region", name="Updates")
    for _ in range(10):
        cards.evaluate("async element => { element.scrollTop = 0; await frame(); await settled(); }")
    assert titles(harness) == [f"node{n}" for n in range(200)]
    expect(harness.get_by_role("button", name="Show earlier ones")).to_be_hidden()


def test_earlier_updates_come_by_a_button_and_what_was_in_sight_stays_there(harness: Page) -> None:
    open_player(harness, "updates")
    feed(harness, patches.STARTED, [update(n) for n in range(200)])
    turn_wheel(harness.get_by_role("region", name="Updates"), -100)
    expect(harness.get_by_role("button", name="Jump to the end")).to_be_visible()
    seen = harness.locator(".sl-card", has_text="node199")
    top = "card => card.getBoundingClientRect().top"
    before = seen.evaluate(top)

    harness.get_by_role("button", name="Show earlier ones (160)").evaluate("button => button.click()")
    expect(harness.get_by_text("node120", exact=True)).to_be_attached()
    assert abs(seen.evaluate(top) - before) < 1
    seen.locator("button").click()
    expect(harness.get_by_role("dialog")).to_contain_text("node199")


@pytest.mark.parametrize("panel", ["updates", "tasks", "checkpoints", "progress", "calls"])
def test_a_long_recording_moves_in_both_directions_and_few_items_are_drawn(harness: Page, panel: str) -> None:
    def entry(n: int) -> list[Any]:
        task = {"t": n, "id": f"t{n}", "node": f"node{n}", "ns": "", "type": "start", "size": 9}
        checkpoint = {"id": f"c{n}", "parent": f"c{n - 1}", "ns": "", "source": "loop", "step": n, "t": n, "size": 9}
        step = {"t": n, "node": "n", "step": f"node{n}", "status": ""}
        call = ["call", f"k{n}", {"tool": f"node{n}", "state": "finished"}]
        return [n / 100, [update(n), ["task", task], ["ckpt", checkpoint], ["step", step], call]]

    open_player(harness, panel)
    play(harness, [entry(n) for n in range(LAST + 1)])
    name = "step {}" if panel == "checkpoints" else "node{}"
    shown = harness.locator(".sl-card-title, .sl-step strong, .sl-calls strong")
    for n in (LAST, 30, 29, 31, 2_500, 2_501, 2_400, LAST, 0):
        harness.evaluate("async t => { playback.seek(t); await settled(); }", n / 100)
        found = shown.all_inner_texts()
        assert found[-1] == name.format(n)
        assert found == [name.format(n - back) for back in reversed(range(len(found)))]
        assert min(n + 1, 20) <= len(found) < MOST_DRAWN


def test_a_row_that_is_opened_below_the_window_comes_into_sight(harness: Page) -> None:
    open_player(harness, {"panel": "raw", "height": 300})
    feed(
        harness, patches.STARTED, [["raw", [[n, n, "updates", "", "n", f"w{n}", 9, f'{{"n": {n}}}']]] for n in range(9)]
    )
    # The list ends where the window does.
    harness.evaluate("() => element.style.marginTop = `${innerHeight - element.getBoundingClientRect().height}px`")
    harness.evaluate("() => scrollTo(0, 0)")
    opened = harness.locator(".sl-detail")
    harness.locator(".sl-window .sl-row").nth(3).click()
    expect(opened).to_contain_text('"n": 3')
    expect(opened).to_be_in_viewport(ratio=0.9)


def test_raw_parts_of_one_mode_are_the_same_after_a_recording_went_back_and_on(harness: Page) -> None:
    def entry(n: int) -> list[Any]:
        return [n, [["raw", [[n, n, "messages" if n % 2 else "updates", "", "n", f"w{n}", 9, f"json {n}"]]]]]

    open_player(harness, {"panel": "raw", "modes": ["updates"], "height": 200})
    play(harness, [entry(n) for n in range(100)])
    for t in (99, 41, 40, 3, 60, 0):
        harness.evaluate("async t => { playback.seek(t); await settled(); }", t)
        texts = harness.locator(".sl-window .sl-row > span:nth-child(5)").all_inner_texts()
        last = t - t % 2
        assert texts == [f"w{n}" for n in range(last - 2 * (len(texts) - 1), last + 1, 2)]
        assert len(texts) >= min(last // 2 + 1, 8)


def test_lanes_that_a_recording_moves_back_are_as_if_they_were_drawn_anew(harness: Page) -> None:
    def entry(n: int) -> list[Any]:
        return [n / 20, [["raw", [[n, n / 20, "messages" if n % 3 else "updates", "", "n", f"w{n}", 9, "{}"]]]]]

    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"]})
    play(harness, [entry(n) for n in range(300)])
    for n in (299, 200, 199, 3, 250, 0):
        harness.evaluate("async t => { playback.seek(t); await settled(); }", n / 20)
        texts = harness.locator(".sl-mode-counts").all_inner_texts()
        assert [int(text.split()[0]) if text != "–" else 0 for text in texts] == [n - n // 3, n // 3 + 1]
        moved, drawn = harness.evaluate("""() => {
            const { panel } = player.columns[0].panels[0];
            const tracks = () => [...element.querySelectorAll("svg.sl-mode-track")].map((track) => track.innerHTML);
            const moved = tracks();
            panel._redraw();
            return [moved, tracks()];
        }""")
        assert moved == drawn


def test_many_rows_that_change_at_once_are_all_right_when_the_player_rests(harness: Page) -> None:
    def entry(n: int) -> list[Any]:
        numbers = range(300 + 10 * n)
        spaces = [["ns", f"a:{i}", {"events": {"values": n}, "bytes": n, "first_at": 0, "last_at": n}] for i in numbers]
        return [
            n,
            spaces + [["kind", f"kind{i}", {"shape": "{}", "first_at": 0, "count": n, "bytes": n}] for i in numbers],
        ]

    open_player(harness, "namespaces", "kinds")
    play(harness, [entry(n) for n in range(4)])
    for n in (3, 0, 2, 1, 3):
        harness.evaluate("async t => { playback.seek(t); await settled(); }", n)
        lanes = harness.locator(".sl-namespaces .sl-dotted").all_text_contents()
        assert lanes == [f"values {n}"] * (300 + 10 * n)
        assert harness.locator(".sl-kinds td:nth-child(2)").all_text_contents() == [str(n)] * (300 + 10 * n)
