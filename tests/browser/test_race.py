"""The race and the blind test."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser_checks import run_id

pytestmark = pytest.mark.browser

LONG = "+".join(["A+question+that+is+long"] * 20)
SLOW = f"model_1=Scripted%3A+edge+CPU&model_2=Scripted%3A+edge+CPU&race_prompt={LONG}"
"""The answer repeats the prompt: it goes on for longer than a busy test takes to look."""
TIME = re.compile(r"^\d")
FAST = "model_1=Scripted%3A+fast+GPU&model_2=Scripted%3A+fast+GPU"
SETTLED = """text => new Promise(resolve => {
  let waiting;
  const wait = () => { clearTimeout(waiting); waiting = setTimeout(() => resolve(text.scrollTop), 1500); };
  text.addEventListener("scroll", wait);
  wait();
})"""
"""How far a text is scrolled when it is no longer moved."""
TOPS = "texts => texts.map(text => text.getBoundingClientRect().top)"


def test_a_race_shows_figures_as_they_happen_and_stops(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?autorun=1&{SLOW}")
    lane = page.locator(".st-key-token_pane_lane_0")
    expect(lane.locator(".sl-figure").filter(has_text="First text").locator("dd")).to_have_text(TIME)
    expect(lane.locator(".sl-message")).to_be_visible()
    expect(page.locator(".st-key-race_buttons").get_by_text("Running", exact=True)).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("Verdict")).to_be_visible()
    expect(page.locator(".st-key-stop button")).to_have_count(0)
    buttons = page.locator(".st-key-race_buttons")
    expect(buttons.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(buttons.get_by_text("Finished")).to_have_count(0)
    page.get_by_role("link", name="Runs").click()
    page.wait_for_url(re.compile("/runs"))
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    page.go_back()
    expect(buttons.get_by_text("Cancelled", exact=True)).to_be_visible()
    expect(page.get_by_text("Verdict")).to_be_visible()
    page.wait_for_url(re.compile("model_1=Scripted"))


def test_another_tab_of_the_page_is_opened_in_mid_race_and_the_race_goes_on(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?autorun=1&{SLOW}")
    lane = page.locator(".st-key-token_pane_lane_0")
    expect(lane.locator(".sl-message")).to_be_visible()
    run = run_id(page)
    page.get_by_role("tab", name="Repeats").click()
    page.wait_for_url(re.compile("tab=Repeats"))
    # The script that the click started draws the field again.
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    repeats = page.get_by_role("spinbutton", name="Repeats")
    repeats.fill("3")
    repeats.press("Enter")
    page.wait_for_url(re.compile("repeats=3"))
    page.reload()
    expect(repeats).to_be_visible()
    expect(page.get_by_text("A race is running in the tab Race.")).to_be_visible()
    page.get_by_role("tab", name="Race").click()
    expect(lane.get_by_text("Running", exact=True)).to_be_visible()
    assert run_id(page) == run


def test_a_blind_test_hides_its_figures_until_the_vote(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/race?{FAST}")
    page.get_by_role("tab", name="Blind test").click()
    page.locator(".st-key-blind button").click()
    expect(page.locator(".st-key-vote_A button")).to_be_visible()
    expect(page.locator(".st-key-vote_A kbd")).to_have_css("opacity", "1")
    panel = page.get_by_role("tabpanel")
    assert "first text" not in panel.inner_text()
    for name in "AB":
        pane = page.locator(f".st-key-token_pane_blind_{name}").bounding_box()
        assert pane
        assert pane["y"] > 0
        assert pane["y"] + pane["height"] <= 720, "both panes are whole above the fold"
    expect(page.locator(".st-key-lanes")).to_be_hidden()
    page.keyboard.press("1")
    expect(panel.get_by_text("You chose Pane A")).to_be_visible()
    expect(panel.get_by_role("img", name="1 of 1 felt")).to_be_visible()
    expect(page.locator(".st-key-lanes")).to_be_visible()
    page.reload()
    expect(panel.get_by_text("You chose Pane A")).to_be_visible()
    expect(panel.get_by_role("button", name="Download the report")).to_be_visible()


def test_on_a_phone_the_votes_are_in_one_row(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/race?{FAST}&tab=Blind+test")
    page.locator(".st-key-blind button").click()
    votes = page.locator(".st-key-vote button")
    expect(votes).to_have_count(3)
    tops = votes.evaluate_all(TOPS)
    assert tops == pytest.approx([tops[0]] * 3, abs=1)
    for pane in page.locator("[class*='st-key-token_pane_blind_']").all():
        expect(pane).to_be_in_viewport(ratio=1)


def test_the_panes_of_a_blind_test_are_alike_whatever_draws_them(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/race?{FAST}&how_2=streaming&flush_2=every+N+tokens")
    page.get_by_role("tab", name="Blind test").click()
    page.locator(".st-key-blind button").click()
    expect(page.locator(".st-key-vote_A button")).to_be_visible()
    texts = page.locator(".st-key-blind_panes :is(.sl-text, [class*=st-key-native_])")
    expect(texts).to_have_count(2)
    heights = texts.evaluate_all("texts => texts.map(text => text.getBoundingClientRect().height)")
    assert heights[0] == pytest.approx(heights[1], abs=1)


def test_a_lane_drawn_by_the_script_shows_its_first_text_where_the_others_do(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    third = "lane_count=3&how_3=streaming&model_3=Scripted%3A+fast+GPU"
    page.goto(f"{app_url}/race?{FAST}&{third}&how_2=streaming&flush_2=every+N+tokens")
    texts = page.locator(".st-key-token_pane_lane_0 .sl-text, .st-key-native_lane_1")
    expect(texts).to_have_count(2)
    before = texts.evaluate_all(TOPS)
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_text("Verdict")).to_be_visible()
    drawn = page.locator(".st-key-first_lane_1")
    expect(drawn).to_have_text(re.compile(r"First text\s*\d"))
    arrived = page.locator(".st-key-token_pane_lane_1 .sl-figure").first
    expect(arrived).to_have_text(re.compile(r"Arrived\s*\d"))
    beside = page.locator(".st-key-token_pane_lane_0 .sl-figure").first
    expect(beside).to_have_text(re.compile(r"First text\s*\d"))
    tops = [part.evaluate("part => part.getBoundingClientRect().top") for part in (drawn, arrived, beside)]
    assert tops == pytest.approx([tops[0]] * 3, abs=1)
    assert texts.evaluate_all(TOPS) == pytest.approx([before[0]] * 2, abs=1), "nor does the headline move them"


def test_a_lane_drawn_by_the_script_is_read_from_its_beginning_also_when_one_comes_back(
    page: Page, app_url: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    third = "lane_count=4&how_3=streaming"
    page.goto(f"{app_url}/race?{FAST}&{third}&how_2=streaming&flush_2=every+N+tokens")
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_text("Verdict")).to_be_visible()
    text = page.locator(".st-key-native_lane_1")
    assert text.evaluate("text => text.scrollHeight > text.clientHeight"), "it has an end to stay at"
    assert text.evaluate(SETTLED) == 0
    page.get_by_role("tab", name="Repeats").click()
    expect(text).to_be_hidden()
    page.get_by_role("tab", name="Race", exact=True).click()
    expect(text).to_be_visible()
    assert text.evaluate(SETTLED) == 0
    page.get_by_role("link", name="Runs", exact=True).click()
    expect(text).to_have_count(0)
    page.get_by_role("link", name="Race", exact=True).click()
    expect(page.get_by_text("Verdict")).to_be_visible()
    assert text.evaluate(SETTLED) == 0


def test_on_a_phone_a_lane_drawn_by_the_script_is_as_high_as_the_others(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}/race?{FAST}&how_1=streaming&how_2=streaming&flush_2=every+N+tokens")
    texts = page.locator(".st-key-token_pane_lane_0 .sl-text, .st-key-native_lane_1")
    expect(texts).to_have_count(2)
    # From a text to the end of its lane.
    below = """texts => texts.map(text => text.closest(".stColumn").getBoundingClientRect().bottom
        - text.getBoundingClientRect().bottom)"""
    of_player, of_script = texts.evaluate_all(below)
    assert of_script == pytest.approx(of_player, abs=30), "a hole below the text moves the next lane off the screen"


@pytest.mark.parametrize("lanes", [3, 4])
def test_on_a_phone_all_lanes_are_in_sight_from_the_start_of_a_race(page: Page, app_url: str, lanes: int) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    slow = "&".join(f"model_{n}=Scripted%3A+edge+CPU&how_{n}=streaming" for n in range(1, lanes + 1))
    blocking = "how_3=blocking+%28invoke%29"
    slow = slow.replace("how_3=streaming", blocking)
    page.goto(f"{app_url}/race?lane_count={lanes}&{slow}&flush_2=every+N+tokens&race_prompt={LONG}")
    boxes = page.locator("[class*='st-key-box_lane_']")
    expect(boxes).to_have_count(lanes)
    page.get_by_role("button", name="Start the race").click()
    stop = page.locator(".st-key-stop button")
    for part in (*boxes.all(), stop):
        expect(part).to_be_in_viewport(ratio=1)
    expect(page.locator(".st-key-native_lane_1 p").first).to_be_visible()
    for part in (*boxes.all(), stop):
        expect(part).to_be_in_viewport(ratio=1)
    page.wait_for_function("""() => document.querySelector(".st-key-stop").getBoundingClientRect().top
        >= document.querySelector(".stAppHeader").getBoundingClientRect().bottom""")
    stop.click()
    expect(page.get_by_text("Verdict")).to_be_attached()


def test_four_lanes_show_when_each_of_them_ended(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    fast = "&".join(f"model_{n}=Scripted%3A+fast+GPU&how_{n}=streaming" for n in range(1, 5))
    page.goto(f"{app_url}/race?lane_count=4&{fast}&flush_2=every+N+tokens")
    for lane in range(4):
        end = page.locator(f".st-key-token_pane_lane_{lane} .sl-figure").filter(has_text="E2E")
        expect(end).to_be_visible()
        inside = "end => [end, end.parentElement].map(one => one.getBoundingClientRect().bottom)"
        bottom, bottom_of_all = end.evaluate(inside)
        assert bottom <= bottom_of_all + 1, "it wraps to a row that is cut off"


def test_a_preset_holds_where_a_lane_was_set_by_hand_before(page: Page, app_url: str) -> None:
    """The browser kept the value that was chosen in the closed popover, and the next click sent it again."""
    page.goto(f"{app_url}/race?{FAST}")
    lane = page.get_by_role("button", name="Lane 2")
    model = page.locator(".st-key-model_2").get_by_role("combobox")
    lane.click()
    model.click()
    page.get_by_role("option", name="Scripted: slow reasoning").click()
    expect(page).to_have_url(re.compile("model_2=Scripted.*slow"))
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Presets").click()
    page.get_by_role("button", name="Streaming against blocking").click()
    expect(page).not_to_have_url(re.compile("model_2"))
    page.get_by_role("button", name="Start the race").click()
    expect(page.get_by_text("Verdict")).to_be_visible()
    expect(page.get_by_text("slow reasoning")).to_have_count(0)

    lane.click()
    expect(model).to_have_value("Scripted: typical hosted")
    model.click()
    page.get_by_role("option", name="Scripted: slow reasoning").click()
    expect(page).to_have_url(re.compile("model_2=Scripted.*slow"))


@pytest.mark.parametrize("back", [True, False])
def test_who_leaves_a_link_before_a_race_and_comes_back_finds_its_lanes(
    page: Page, app_url: str, *, back: bool
) -> None:
    # The script has run once: it is the first one after a visit that Streamlit keeps by itself.
    page.goto(f"{app_url}/race?{FAST}&how_2=streaming&flush_2=every+N+tokens&every_tokens_2=25&race_prompt=Bees")
    expect(page.locator(".st-key-box_lane_1").get_by_text("every 25 tokens")).to_be_visible()
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    page.go_back() if back else page.get_by_role("link", name="Race", exact=True).click()
    expect(page.locator(".st-key-box_lane_1").get_by_text("every 25 tokens")).to_be_visible()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("Bees")
    page.wait_for_url(re.compile(r"flush_2=every\+N\+tokens"))
