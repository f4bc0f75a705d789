"""What moves comes first: the live view is in sight right after Run, and nothing on a page moves by itself.

A page that no other test opens is checked for accessibility here, while it is open, and for what the player draws.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, TimeoutError, ViewportSize, expect

from components.shell.navigation import SECTIONS
from tests.support.browser_checks import check_finished_page
from tests.support.page_pictures import PICTURES

pytestmark = pytest.mark.browser

PROJECTOR, WIDE = (1280, 720), (1440, 900)
DESK = ViewportSize(width=1440, height=900)
PHONE = (390, 844)
OTHER_SIZES = (WIDE, PHONE)
LIVE = {
    "async": ".st-key-token_pane",
    "checkpoints": ".st-key-checkpoints",
    "combined": ".st-key-token_pane",
    "conditional": ".st-key-screens",
    "custom": ".st-key-progress",
    "debug": ".st-key-trace",
    "events": ".st-key-kinds_0",
    "faults": ".st-key-token_pane",
    "interrupts": ".st-key-token_pane",
    "lanes": ".st-key-mode_lanes .sl-stage",
    "messages": ".st-key-answer",
    "parallel": ".st-key-branches",
    "race": ".st-key-token_pane_lane_0",
    "subgraphs": ".st-key-token_pane",
    "tasks": ".st-key-timeline",
    "tools": ".st-key-chat",
    "updates": ".st-key-updates",
    "values": ".st-key-state",
    "wires": ".st-key-answer",
    "your-graph": ".st-key-answer",
}
WHOLE = {
    "async": (".st-key-token_pane .sl-column:last-child",),
    "combined": (".st-key-token_pane",),
    "conditional": (".st-key-timeline", ".st-key-reader_text .sl-text"),
    "events": (".st-key-kinds_0 .sl-column:last-child", ".st-key-kinds_2 .sl-column:last-child"),
    "faults": (".st-key-token_pane",),
    "lanes": (".sl-diagram-picture",),
    "messages": (".st-key-follow_up",),
    "race": (".st-key-token_pane_lane_1",),
    "subgraphs": (".st-key-token_pane .sl-column:last-child",),
}
"""What has to be in sight to its end: the last part of what is compared, the text, or the field for the next turn."""
WITHOUT_A_RUN = ("", "pitfalls", "replay", "runs")
CHECKED_HERE = ("lanes", "pitfalls", "race", "wires", "your-graph", *PICTURES)
MAX_SHIFT_ON_LOAD, MAX_SHIFT_IN_A_RUN = 0.02, 0.002
"""Nothing is pushed; the bars of a timeline become shorter as its axis grows, which counts with up to 0.0003."""
WHOLE_RUN = "model=scripted&ttft_ms=150&tokens_per_s=400"
RUN = f"{WHOLE_RUN}&tokens=40&wait_streaming=50&wait_langgraph=50&wait_ux=50"
IN_SIGHT = 0.82
"""The live view begins in this part of the window right after Run; what a run ended with may push it down."""
MAIN = "[data-testid=stMain]"
RUN_BY_SCRIPT = "document.querySelector('.st-key-run button').click()"
"""No key and no click of a visitor: what moves within half a second of these counts as their doing."""
SHIFTS = """
window.shifts = 0;
window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    window.shifts += entry.value;
    for (const { node, previousRect, currentRect } of entry.sources) {
      window.moved.push(`${node?.className} ${previousRect.y} to ${currentRect.y}`);
    }
  }
}).observe({ type: "layout-shift", buffered: true });
"""

CUT = """[...document.querySelectorAll('.st-key-choices input')]
    .filter(input => input.scrollWidth > input.clientWidth).map(input => input.value)"""
LETTERS = """(picture => parseFloat(getComputedStyle(picture.querySelector("text")).fontSize)
    * picture.getBoundingClientRect().height / picture.viewBox.baseVal.height
)(document.querySelector(".sl-diagram-picture"))"""
HEAD = "document.querySelector('.st-key-page_head').getBoundingClientRect().height"

ENDS = {"interrupts": "Interrupted", "faults": "Failed"}


def test_every_page_is_measured() -> None:
    paths = {info.url_path for pages in SECTIONS.values() for info in pages}
    assert paths == {*LIVE, *WITHOUT_A_RUN, "home"} - {""}


def opened(page: Page, address: str, size: tuple[int, int]) -> float:
    """Load a page in a window of this size, on a phone over a slow network; how much of it moved."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(SHIFTS)
    if size == PHONE:
        with slow_network(page):
            return _loaded(page, address)
    return _loaded(page, address)


@contextmanager
def slow_network(page: Page) -> Iterator[None]:
    """1.5 Mbit/s with 150 ms for the way there and back."""
    network = page.context.new_cdp_session(page)
    slow = {"latency": 150, "downloadThroughput": 187_500, "uploadThroughput": 93_750}
    network.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    yield
    network.send("Network.emulateNetworkConditions", {"offline": False, **dict.fromkeys(slow, -1), "latency": 0})
    network.detach()


def _loaded(page: Page, address: str) -> float:
    page.goto(address)
    expect(page.locator("html.sl-shown h1").first).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    expect(page.locator("[data-testid^=stSkeleton]:visible")).to_have_count(0)
    moved: float = page.evaluate("window.shifts")
    return moved


def what_moved(page: Page) -> list[str]:
    """The elements that moved last, with their old and new distance from the top."""
    last: list[str] = page.evaluate("window.moved.slice(-12)")
    return last


def check_width(page: Page) -> None:
    """Nothing is wider than the window; what gets its size by a script needs a moment after the window has changed."""
    page.wait_for_function(f"(main => main.scrollWidth <= main.clientWidth)(document.querySelector('{MAIN}'))")


def check_in_sight(page: Page, name: str, size: tuple[int, int], *, part: float = 1.0) -> None:
    """The live view begins in this part of the window, and nothing is wider than the window.

    What gets its place by a script needs a moment after the window has changed.
    """
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.locator(MAIN).evaluate("main => main.scrollTo(0, 0)")
    expect(page.locator(LIVE[name]).first).to_be_visible()
    check_edge(page, LIVE[name], "top", size[1] * part)
    for part in WHOLE.get(name, ()):
        check_edge(page, part, "bottom", size[1])
    if size == PHONE:
        page.wait_for_function(f"{CUT}.length === 0")  # no chosen value is cut
    check_width(page)


def check_edge(page: Page, selector: str, edge: str, limit: float) -> None:
    """This edge of the live view is above so many pixels from the top."""
    place = f"(document.querySelector('{selector}')?.getBoundingClientRect().{edge} ?? NaN)"
    try:
        page.wait_for_function(f"{place} <= {limit}")
    except TimeoutError:
        pytest.fail(f"the {edge} of the live view is at {page.evaluate(place):.0f} of {limit:.0f} pixels")


def check_follow_up(page: Page) -> None:
    """The question of the next turn comes to the top, where there is room for its answer."""
    page.get_by_placeholder("Send a follow-up message").fill("And then?")
    page.keyboard.press("Enter")
    turn = ".st-key-current_turn"
    expect(page.locator(turn)).to_contain_text("And then?")
    page.wait_for_function(f"document.querySelector('{turn}')?.getBoundingClientRect().top < innerHeight / 2")
    begins = "e => [getComputedStyle(e).unicodeBidi, e.clientWidth > innerWidth / 3]"
    assert page.locator(f"{turn} .stText").evaluate(begins) == ["plaintext", True], "on the side of its own script"


def check_obstacle(page: Page) -> None:
    """What keeps Run from starting is in sight to its last word, also on a phone."""
    page.get_by_role("button", name="Input").click()
    page.get_by_text("Configurable", exact=True).click()
    page.locator("[class*=configurable-raw] textarea").fill("{")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Escape")
    sentence = page.locator(".st-key-obstacle p")
    expect(sentence).to_contain_text("Configurable: JSON: ")
    assert sentence.evaluate("p => p.scrollWidth <= p.clientWidth"), "the sentence is cut"
    expect(page.locator(".st-key-chip")).not_to_contain_text("Cannot run")


def check_link_to_comparison(page: Page) -> None:
    """It comes below the fold, and the way to it is beside what streamed; the run panel does not cover it."""
    page.get_by_role("link", name="The same request, four times").click()
    heading = page.get_by_role("heading", name="The same request, four times")
    expect(heading).to_be_in_viewport(ratio=1)
    below = "([title, panel]) => title.getBoundingClientRect().top >= panel.getBoundingClientRect().bottom"
    both = [heading.element_handle(), page.locator(".st-key-run_panel").element_handle()]
    page.wait_for_function(below, arg=both)


AT_LAST = {"events": check_link_to_comparison, "messages": check_follow_up, "your-graph": check_obstacle}


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, PROJECTOR) for name in LIVE), *((name, PHONE) for name in ("faults", "interrupts")), ("combined", WIDE)],
)
def test_live_view_is_in_sight_and_nothing_moves(page: Page, app_url: str, name: str, size: tuple[int, int]) -> None:
    on_load = opened(page, f"{app_url}/{name}?{WHOLE_RUN if name in PICTURES else RUN}", size)
    assert on_load <= MAX_SHIFT_ON_LOAD, f"the page moves while it loads: {on_load:.3f}, {what_moved(page)}"
    if size == PROJECTOR:
        assert page.evaluate(HEAD) < 60, "the head of the page has more than one line"
    if name == "lanes":
        assert page.evaluate(LETTERS) >= 15, "the names of the nodes are too small for a room"
    page.evaluate(RUN_BY_SCRIPT)
    check_in_sight(page, name, size, part=IN_SIGHT)
    if name == "race":
        expect(page.get_by_text("Finished", exact=True)).to_be_visible()
    else:
        expect(page.locator(".st-key-chip")).to_contain_text(ENDS.get(name, "Completed"))
    in_run = page.evaluate("window.shifts") - on_load
    # On a desk the charts of the latency are in sight too.
    if size in (PROJECTOR, WIDE):
        assert in_run <= MAX_SHIFT_IN_A_RUN, f"the page moves in a run: {in_run:.3f}, {what_moved(page)}"
    if size != PROJECTOR:
        return
    if name in CHECKED_HERE:
        check_finished_page(page)
    for other in OTHER_SIZES:
        check_in_sight(page, name, other)
    if name in PICTURES:
        page.set_viewport_size(DESK)
        PICTURES[name](page)
    if name in AT_LAST:
        AT_LAST[name](page)


@pytest.mark.parametrize("name", WITHOUT_A_RUN)
def test_a_page_without_a_run_does_not_move_while_it_loads(page: Page, app_url: str, name: str) -> None:
    for size in (PROJECTOR, PHONE):
        moved = opened(page, f"{app_url}/{name}", size)
        assert moved <= MAX_SHIFT_ON_LOAD, f"the page moves while it loads: {moved:.3f} in {size}, {what_moved(page)}"
        check_width(page)
        if size == PROJECTOR:
            if name in CHECKED_HERE:
                check_finished_page(page)
            page.set_viewport_size(DESK)
            check_width(page)
