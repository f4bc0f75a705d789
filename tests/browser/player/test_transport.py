"""The controls of a playback: buttons, keys, speed, and the map that is dragged."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from components.shell.modes import MODE_HEX
from tests.browser.player import patches

pytestmark = pytest.mark.browser

ENTRIES: list[Any] = [
    [0.0, patches.STARTED],
    [0.5, patches.BEFORE_TEXT],
    [1.0, [*patches.TEXT[:2], ["text", "m1", "First words. ", 1.0]]],
    [1.5, [["text", "m1", "Second words.", 1.5]]],
    [2.0, [["lane", "messages", [[20, 1, 10], [30, 1, 10]]], *patches.ENDED, ["run", {"ended_at": 2.0}]]],
]
CHOICES = [
    {"name": "Tokens", "panels": ["tokens"], "views": ["text"]},
    {"name": "Progress", "panels": ["progress"], "views": ["steps"]},
    {"name": "Trace", "panels": ["trace"], "views": ["trace"]},
]


@pytest.fixture
def replay(harness: Page) -> Page:
    open_replay(harness, [{"entries": ENTRIES}])
    return harness


def open_replay(page: Page, recordings: list[Any], **settings: Any) -> None:
    page.evaluate(
        """(settings) => {
          const link = document.createElement("link");
          Object.assign(link, { rel: "stylesheet", href: "/assets/transport.css" });
          document.head.append(link);
          window.replay = new Replay(element, settings);
          return new Promise((resolve) => link.addEventListener("load", resolve));
        }""",
        {"recordings": recordings, "choices": CHOICES, "colours": MODE_HEX, **settings},
    )


def time_of(page: Page) -> Any:
    return page.locator(".sl-transport-time")


def test_it_opens_with_the_whole_picture_and_only_the_views_that_there_are(replay: Page) -> None:
    expect(time_of(replay)).to_have_text("2.00 s of 2.00 s")
    expect(replay.get_by_text("Second words.")).to_be_visible()
    expect(replay.locator(".sl-status .sl-chip")).to_have_text("Completed")
    assert replay.get_by_role("group", name="View").get_by_role("button").all_inner_texts() == ["Tokens", "Progress"]


def test_another_view_opens_at_the_same_time_and_is_told(harness: Page) -> None:
    open_replay(harness, [{"entries": ENTRIES}], chosen="Progress")
    expect(harness.get_by_text("Finished").first).to_be_visible()
    harness.get_by_role("button", name="Tokens").click()
    expect(harness.get_by_role("button", name="Tokens")).to_have_attribute("aria-pressed", "true")
    expect(harness.get_by_role("region", name="Answer")).to_contain_text("Second words.")


def test_keys_count_after_a_click_beside_the_controls(replay: Page) -> None:
    """The page scrolls in an element that takes the focus, as Streamlit's does."""
    replay.evaluate("document.querySelector('main').tabIndex = 0")
    replay.locator("main").click(position={"x": 1, "y": 1})
    replay.keyboard.press("Home")
    expect(time_of(replay)).to_have_text("0.00 s of 2.00 s")


def test_keys_count_on_a_link_that_the_pointer_was_on_and_not_on_one_that_the_keyboard_led_to(replay: Page) -> None:
    replay.evaluate("""() => document.body.insertAdjacentHTML("afterbegin", "<a href='#here'>Replay</a>")""")
    speed, link = replay.get_by_label("Speed"), replay.get_by_role("link", name="Replay")
    link.click()
    replay.keyboard.press(".")
    expect(speed).to_have_value("2")
    replay.keyboard.press("Home")
    expect(time_of(replay)).to_have_text("0.00 s of 2.00 s")
    replay.keyboard.press("Tab")
    replay.keyboard.press("Shift+Tab")
    expect(link).to_be_focused()
    replay.keyboard.press(".")
    expect(speed).to_have_value("2")


KEYS = [
    (["Home"], "0.00 s"),
    (["Home", "ArrowRight"], "0.50 s"),
    (["Home", "Shift+ArrowRight"], "1.00 s"),
    (["ArrowLeft"], "1.50 s"),
    (["Shift+ArrowLeft", "ArrowLeft"], "0.50 s"),
    (["Home", "End"], "2.00 s"),
    (["Home", "ArrowLeft"], "0.00 s"),
    (["ArrowRight"], "2.00 s"),
]
"""What is pressed at the end of the run, and the time that it leads to."""


def test_keys_move_the_time(replay: Page) -> None:
    for keys, time in KEYS:
        replay.keyboard.press("End")
        expect(time_of(replay)).to_have_text("2.00 s of 2.00 s")
        for key in keys:
            replay.keyboard.press(key)
        expect(time_of(replay)).to_have_text(f"{time} of 2.00 s")


def test_the_picture_follows_in_both_directions(replay: Page) -> None:
    answer = replay.get_by_role("region", name="Answer")
    replay.keyboard.press("ArrowLeft")
    replay.keyboard.press("ArrowLeft")
    expect(time_of(replay)).to_have_text("1.00 s of 2.00 s")
    expect(answer).to_contain_text("First words.")
    expect(answer).not_to_contain_text("Second words.")
    expect(replay.locator(".sl-status .sl-chip")).to_have_text("Running")
    replay.keyboard.press("ArrowRight")
    expect(answer).to_contain_text("First words. Second words.")


def test_space_plays_and_pauses_and_the_end_stops(replay: Page) -> None:
    replay.keyboard.press("Home")
    for _ in range(3):
        replay.keyboard.press(",")
    expect(replay.get_by_label("Speed")).to_have_value("0.1")
    replay.keyboard.press(" ")
    expect(replay.get_by_role("button", name="Pause")).to_be_visible()
    replay.keyboard.press(" ")
    expect(replay.get_by_role("button", name="Play", exact=True)).to_be_visible()
    replay.get_by_label("Speed").select_option("10")
    replay.get_by_role("button", name="Play", exact=True).click()
    expect(time_of(replay)).to_have_text("2.00 s of 2.00 s")
    expect(replay.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_it_plays_backward_to_the_start(replay: Page) -> None:
    replay.get_by_label("Speed").select_option("10")
    replay.get_by_role("button", name="Play backward").click()
    expect(time_of(replay)).to_have_text("0.00 s of 2.00 s")
    expect(replay.get_by_role("button", name="Play backward")).to_be_visible()


def test_keys_change_the_speed_and_leave_text_fields_alone(replay: Page) -> None:
    for key in [".", ">", ","]:
        replay.keyboard.press(key)
    expect(replay.get_by_label("Speed")).to_have_value("2")
    replay.evaluate("document.body.append(Object.assign(document.createElement('input'), { id: 'field' }))")
    replay.locator("#field").press("Home")
    replay.locator("#field").press(" ")
    expect(time_of(replay)).to_have_text("2.00 s of 2.00 s")
    expect(replay.locator("#field")).to_have_value(" ")


def test_a_click_and_a_drag_on_the_map_move_the_time(replay: Page) -> None:
    track = replay.get_by_role("slider", name="Position", exact=True)
    box = track.bounding_box()
    assert box is not None
    replay.mouse.move(box["x"] + box["width"] / 2, box["y"] + 5)
    replay.mouse.down()
    expect(track).to_have_attribute("aria-valuetext", "1.00 s of 2.00 s")
    replay.mouse.move(box["x"] + box["width"] / 4, box["y"] + 5, steps=4)
    expect(track).to_have_attribute("aria-valuetext", "0.50 s of 2.00 s")
    replay.mouse.move(box["x"] - 50, box["y"] + 5)
    expect(track).to_have_attribute("aria-valuetext", "0.00 s of 2.00 s")
    replay.mouse.up()
    replay.mouse.move(box["x"] + box["width"], box["y"] + 5)
    expect(time_of(replay)).to_have_text("0.00 s of 2.00 s")


def test_the_map_shows_the_whole_run_at_any_time(replay: Page) -> None:
    replay.keyboard.press("Home")
    lanes = replay.locator(".sl-map .sl-track-row")
    expect(lanes.filter(has_text="plan")).to_be_visible()
    expect(lanes.filter(has_text="messages")).to_contain_text("events")


def test_two_recordings_share_one_clock(harness: Page) -> None:
    longer = [*ENTRIES[:-1], [4.0, ENTRIES[-1][1]]]
    open_replay(harness, [{"entries": ENTRIES, "label": "One"}, {"entries": longer, "label": "Other"}])
    expect(time_of(harness)).to_have_text("4.00 s of 4.00 s")
    harness.keyboard.press("ArrowLeft")
    expect(time_of(harness)).to_have_text("2.00 s of 4.00 s")
    expect(harness.locator(".sl-status .sl-chip")).to_have_text(["Completed", "Running"])
    assert harness.get_by_role("slider").count() == 2


def test_less_motion_is_shown_in_larger_steps(harness: Page) -> None:
    harness.emulate_media(reduced_motion="reduce")
    open_replay(harness, [{"entries": ENTRIES}])
    harness.evaluate(
        "() => { window.moves = 0; replay.clock.seek(0); replay.clock.listeners.add(() => window.moves++); }"
    )
    harness.keyboard.press(" ")
    expect(time_of(harness)).to_have_text("2.00 s of 2.00 s")
    assert harness.evaluate("moves") < 12


def test_a_long_text_is_at_its_end_after_every_far_seek_though_what_is_out_of_sight_is_not_laid_out(
    harness: Page,
) -> None:
    block = "```python\nfor part in stream:\n    print(part)\n```\n\n> quoted\n\n- one\n- two\n\n"
    texts = [[n / 10, [["text", "m1", f"## Part {n}\n\n{block}", n / 10]]] for n in range(1, 400)]
    open_replay(harness, [{"entries": [[0.0, [*patches.STARTED, *patches.TEXT[:1]]], *texts]}])
    pane = harness.get_by_role("region", name="Answer")
    assert (
        pane.locator("pre").nth(200).evaluate("e => getComputedStyle(e.closest('.sl-code')).contentVisibility")
        == "auto"
    )

    for t, last in ((39.9, 399), (3.0, 30), (39.9, 399), (20.0, 200)):
        harness.evaluate("t => replay.clock.seek(t)", t)
        expect(pane.get_by_role("heading").last).to_have_text(f"Part {last}")
        harness.wait_for_function(
            "([pane]) => pane.scrollHeight - pane.scrollTop - pane.clientHeight < 8", arg=[pane.element_handle()]
        )
        expect(pane.get_by_role("heading").last).to_be_in_viewport()
