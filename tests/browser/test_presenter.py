"""Presenter mode: the stage alone, in larger type, from page to page, until Escape."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

QUICK = "model=scripted&ttft_ms=50&tokens_per_s=500&tokens=80"
HIDDEN = (".stSidebar", ".st-key-choices", ".st-key-raw_parts", ".st-key-code", ".st-key-page_lead")


def test_presenter_mode_shows_the_stage_alone_until_it_is_left(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/combined?{QUICK}&autorun=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    size = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    before = page.evaluate(size)
    names = "() => document.querySelector('.sl-diagram-picture text').getBoundingClientRect().height"
    names_before = page.evaluate(names)
    page.keyboard.press("f")
    for selector in HIDDEN:
        expect(page.locator(selector)).to_be_hidden()
    assert page.evaluate(size) > before
    assert page.evaluate(names) > 1.2 * names_before
    for key in ("token_pane", "timeline", "progress"):
        box = page.locator(f".st-key-{key}").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720, key

    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("/replay.*speed=0.25"))
    expect(page.get_by_role("combobox", name="Speed")).to_have_value("0.25")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(page.locator(".stSidebar")).to_be_hidden()

    page.keyboard.press("Escape")
    expect(page.locator(".stSidebar")).to_be_visible()
    page.reload()
    expect(page.locator(".stSidebar")).to_be_visible()
    page.goto(f"{app_url}/values?presenter=1")
    expect(page.locator(".st-key-state")).to_be_visible()
    expect(page.locator(".stSidebar")).to_be_hidden()
    page.get_by_role("button", name="Presenter").click()
    expect(page.locator(".stSidebar")).to_be_visible()
    expect(page).not_to_have_url(re.compile("presenter"))


def test_a_presenter_goes_from_page_to_page_by_keys(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/values?presenter=1")
    expect(page.locator(".st-key-state")).to_be_visible()
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/updates"))
    expect(page.locator(".st-key-updates")).to_be_visible()
    expect(page.locator(".stSidebar")).to_be_hidden()
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile("/values"))
    expect(page.locator(".st-key-state")).to_be_visible()
    page.keyboard.press("?")
    overview = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overview.get_by_text("Next page", exact=True)).to_be_visible()
    expect(overview.get_by_text("Page before", exact=True)).to_be_visible()


def test_a_presenter_sees_the_questions_of_an_interrupt_and_resume_without_scrolling(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/interrupts?{QUICK}&autorun=1&presenter=1")
    resume = page.get_by_role("button", name="Resume")
    expect(resume).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="Waiting for your input")).to_be_in_viewport(ratio=1)
    for question in page.locator("[class*=st-key-question_]").all():
        expect(question).to_be_in_viewport(ratio=1)
    page.get_by_text("edit", exact=True).click()
    field = page.get_by_label("Your text")
    field.focus()
    for part in (field, resume, page.get_by_text("later", exact=True).first):
        expect(part).to_be_in_viewport(ratio=1)
    hint = page.locator(".st-key-questions [data-testid=InputInstructions]")
    below = "(hint, field) => hint.getBoundingClientRect().top >= field.getBoundingClientRect().bottom"
    assert hint.evaluate(below, field.element_handle())
    # It is chosen from the start; who clicks it means it.
    page.get_by_text("approve", exact=True).click()
    resume.click()
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    expect(page.locator(".st-key-token_pane")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".stSidebar")).to_be_visible()


WHERE_THE_TEXT_IS = """() => {
    window.tops = [];
    // After the frame: what is measured is what was painted.
    const look = () => requestAnimationFrame(() => setTimeout(() => {
        const top = document.querySelector(".st-key-token_pane").getBoundingClientRect().top;
        if (!document.querySelector(".st-key-resume") && tops.at(-1) !== top) tops.push(top);
        look();
    }));
    look();
}"""


def test_after_resume_the_text_that_goes_on_is_in_sight(page: Page, app_url: str) -> None:
    """With the field of an edit *Resume* is below the fold; what it starts is above, behind the run panel."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/interrupts?{QUICK}&autorun=1")
    page.get_by_text("edit", exact=True).click()
    page.get_by_role("button", name="Resume").scroll_into_view_if_needed()
    page.evaluate(WHERE_THE_TEXT_IS)
    page.get_by_label("Your text").press("Control+Enter")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    expect(page.locator(".st-key-published")).to_contain_text("The draft was edited")
    page.wait_for_function("""() => {
        const [pane, panel] = ["token_pane", "run_panel"].map((key) => document.querySelector(`.st-key-${key}`));
        const { top } = pane.getBoundingClientRect();
        return top >= panel.getBoundingClientRect().bottom && top < innerHeight / 2;
    }""")
    tops = page.evaluate("window.tops")
    assert len([top for top in tops if top < 0]) <= 1, "the form goes, and the page is at the text in one step"


def test_a_long_answer_follows_its_end_above_the_field_for_the_next_message(page: Page, app_url: str) -> None:
    """It grew behind that field, and the page did not follow; at its end one reads from its first words."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/messages?model=scripted&ttft_ms=50&tokens_per_s=60&tokens=400&autorun=1&presenter=1")
    answer = page.get_by_role("region", name="Answer")
    page.wait_for_function(
        """([answer, field]) => {
            const at_end = answer.scrollHeight - answer.scrollTop - answer.clientHeight < 8;
            const { bottom } = answer.getBoundingClientRect();
            return answer.scrollTop > 100 && at_end && bottom <= field.getBoundingClientRect().top;
        }""",
        arg=[answer.element_handle(), page.get_by_test_id("stChatInput").element_handle()],
    )
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    page.wait_for_function("answer => answer.scrollTop === 0", arg=answer.element_handle())
    first = answer.locator("p").first
    expect(first).to_be_in_viewport(ratio=1)
    under = "([p, bar]) => p.getBoundingClientRect().top >= bar.getBoundingClientRect().bottom"
    assert page.evaluate(under, [first.element_handle(), page.locator(".st-key-run_panel").element_handle()])

    page.keyboard.press("?")
    overview = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overview.get_by_role("heading")).to_be_in_viewport(ratio=1)


def test_a_short_answer_is_whole_in_sight(page: Page, app_url: str) -> None:
    """Its box was lower than it, and stayed at its end."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/messages?{QUICK}&autorun=1&presenter=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    answer = page.get_by_role("region", name="Answer")
    expect(answer).to_be_in_viewport(ratio=1)
    assert answer.evaluate("answer => answer.scrollHeight <= answer.clientHeight")


STOP_AND_TEXT = """() => {
    window.places = [];
    const look = () => requestAnimationFrame(() => setTimeout(() => {
        const buttons = [...document.querySelectorAll(".st-key-stops button")];
        const stop = buttons.find((button) => button.innerText.includes("Stop"));
        const text = document.querySelector(".st-key-current_turn .sl-markdown")?.textContent ?? "";
        const field = document.querySelector(".st-key-follow_up");
        const tops = [stop, field].map((element) => element?.getBoundingClientRect().top);
        if (stop?.checkVisibility() && text) places.push(tops);
        look();
    }));
    look();
}"""


@pytest.mark.parametrize(("width", "height", "presenter"), [(1280, 720, 0), (1280, 720, 1), (390, 844, 0)])
def test_stop_stays_where_it_is_while_the_page_follows_the_text(
    page: Page, app_url: str, width: int, height: int, presenter: int
) -> None:
    """It went up with the page, a line at a time, until the run panel had reached the edge."""
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{app_url}/messages?model=scripted&ttft_ms=1500&tokens_per_s=80&tokens=300&presenter={presenter}")
    page.evaluate(STOP_AND_TEXT)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    assert page.locator("[data-testid=stMain]").evaluate("main => main.scrollTop") > 100, "the page has followed"
    places = page.evaluate("window.places")
    assert len(places) > 10
    for tops in zip(*places, strict=True):  # of Stop, and of the field for the next message
        assert max(tops) - min(tops) < 1, (places[0], places[-1])


def test_branches_stay_readable_beside_what_merges_them(page: Page, app_url: str) -> None:
    """They had one line and a half, cut through its letters."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/parallel?model=scripted&ttft_ms=50&tokens_per_s=500&autorun=1&presenter=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    branches = page.locator(".sl-branch")
    expect(branches).to_have_count(4)
    for branch in branches.all():
        expect(branch).to_be_in_viewport(ratio=1)
        assert branch.evaluate("branch => branch.scrollHeight <= branch.clientHeight"), "its text is whole"


@pytest.mark.parametrize(("name", "least"), [("combined", 340), ("checkpoints", 180)])
def test_the_growing_text_is_above_the_fold(page: Page, app_url: str, name: str, least: int) -> None:
    """It was below the picture of the graph; beside the timeline it was lower than on the plain page."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/{name}?{QUICK}&autorun=1&presenter=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    text = page.get_by_role("region", name="Answer")
    expect(text).to_be_in_viewport(ratio=1)
    assert text.evaluate("text => text.offsetHeight") >= least


def test_the_bar_of_a_first_run_has_room_in_larger_type(page: Page, app_url: str) -> None:
    """Title, axis and legend took all of the chart's height."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/combined?{QUICK}&autorun=1&presenter=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    bars = page.locator(".st-key-latency .mark-rect path")
    bars.first.scroll_into_view_if_needed()
    heights = bars.evaluate_all("bars => bars.map((bar) => bar.getBoundingClientRect().height)")
    assert min(heights) >= 20, heights


def test_raw_parts_that_came_while_they_were_hidden_are_drawn_when_presenter_mode_is_left(
    page: Page, app_url: str
) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/messages?{QUICK}&autorun=1&presenter=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    expect(page.locator(".st-key-raw_parts .sl-spacer")).to_be_attached()
    page.wait_for_function("parseFloat(document.querySelector('.st-key-raw_parts .sl-spacer').style.height) > 1000")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-raw_parts .sl-scroller")).to_be_visible()
    page.wait_for_function("""() => {
        const list = document.querySelector(".st-key-raw_parts .sl-scroller").getBoundingClientRect();
        const middle = (list.top + list.bottom) / 2;
        return [...document.querySelectorAll(".st-key-raw_parts [role=option]")].some((row) => {
            const { top, bottom } = row.getBoundingClientRect();
            return top <= middle && middle <= bottom;
        });
    }""")


@pytest.mark.parametrize("name", ["subgraphs", "async", "events"])
def test_runs_side_by_side_are_in_larger_type_and_whole_above_the_fold(page: Page, app_url: str, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/{name}?model=scripted&ttft_ms=50&tokens_per_s=40&tokens=80&autorun=1&presenter=1")
    expect(page.locator(".sl-side-by-side .sl-chip", has_text="Running").first).to_be_visible()
    check_columns(page)
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    check_columns(page)


WORDS = ":is(.sl-column-label, .sl-chip, .sl-clock, .sl-figure *, .sl-note, .sl-inside, .sl-text p, td)"
SIZES = """found => found.filter((element) => element.checkVisibility()).map((element) => {
    return parseFloat(getComputedStyle(element).fontSize) * element.currentCSSZoom;
})"""
LINES = """text => {
    const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(text);
    return (text.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom)) / parseFloat(lineHeight);
}"""


def check_columns(page: Page) -> None:
    columns = page.locator(".sl-side-by-side .sl-column")
    for column in columns.all():
        expect(column).to_be_in_viewport(ratio=1)
    assert min(columns.locator(WORDS).evaluate_all(SIZES)) >= 16
    for text in columns.locator(".sl-text").all():
        assert text.evaluate(LINES) >= 4


def test_a_step_has_its_part_and_the_lanes_in_sight_and_their_names_are_whole(page: Page, app_url: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto(f"{app_url}/lanes?{QUICK}&autorun=1&presenter=1")
    expect(page.locator(".st-key-chip")).to_contain_text("Completed")
    page.keyboard.press("ArrowLeft")
    for part in (".sl-opened", ".sl-mode-rows"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    under = "([lanes, panel]) => lanes.getBoundingClientRect().top >= panel.getBoundingClientRect().bottom"
    both = [page.locator(name).element_handle() for name in (".sl-mode-rows", ".st-key-run_panel")]
    page.wait_for_function(under, arg=both)
    page.keyboard.press("m")
    expect(page.locator(".sl-map").get_by_text("checkpoints")).to_be_visible()
    fits = "names => names.every(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)"
    assert page.eval_on_selector_all(".sl-map .sl-track-label", fits)
