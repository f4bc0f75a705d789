"""The panels, fed with patches by hand."""

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from components.player.mount import DEFAULT_PANELS, PANELS
from components.shell.document import STYLE, TERMS
from components.shell.glossary import terms_for_the_browser
from tests.browser.player import patches
from tests.browser.player.drive import feed, open_player, turn_wheel

pytestmark = pytest.mark.browser

PAUSED = re.compile(r"^Paused at \d+\.\d\d s\s+The run goes on\.$")


def test_a_run_is_drawn_from_start_to_end(harness: Page) -> None:
    open_player(harness, *DEFAULT_PANELS, idle="Ready.")
    feed(harness, patches.BEFORE_TEXT)
    expect(harness.get_by_text("Waiting for the first token")).to_be_visible()
    expect(harness.locator(".sl-status .sl-chip")).to_have_text("Running")

    feed(harness, patches.TEXT)
    expect(harness.get_by_text("Waiting for the first token")).to_be_hidden()
    expect(harness.get_by_role("heading", name="Streaming")).to_be_visible()
    expect(harness.locator(".sl-reasoning summary")).to_have_text("Thought for 0.4 s")

    feed(harness, patches.ENDED)
    expect(harness.locator(".sl-status .sl-chip")).to_have_text("Completed")
    expect(harness.locator(".sl-clock")).to_have_text("1.5 s")
    expect(harness.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    assert harness.evaluate("ended") == [{"r1": "Completed"}]


def test_the_first_token_is_counted_down_to_and_says_how_late_it_is_and_by_what(harness: Page) -> None:
    open_player(harness, "tokens", expected=[{"seconds": 90, "basis": "an earlier run"}])
    feed(harness, patches.STARTED)
    expect(harness.get_by_text(re.compile(r"first token: [78]\d\.\d s to go"))).to_be_visible()
    expect(harness.get_by_text("Expected after 90.0 s, judging by an earlier run.")).to_be_visible()
    feed(harness, [["clock", 95.0]])
    expect(harness.get_by_text(re.compile(r"first token: \d+\.\d s later than expected"))).to_be_visible()
    feed(harness, [["msg", "m", {"role": "ai"}], ["text", "m", "Hello", 96.0]])
    expect(harness.locator(".sl-waiting")).to_be_hidden()


def test_a_pane_that_stays_empty_says_why_at_the_end(harness: Page) -> None:
    asked = {"modes": ["messages", "updates"], "api": "stream modes"}
    said = harness.locator(".sl-waiting")
    for fields, messages, why in (
        (asked, [], "No token came: no chat model of this run sent its tokens to the stream."),
        (asked, [["msg", "m", {"role": "tool"}], ["text", "m", "x", 0.1]], "no chat model of this run sent its tokens"),
        (asked, [["msg", "m", {"role": "ai"}]], "No text came: the model sent none."),
        ({**asked, "modes": ["updates"]}, [], "No token came: the run did not ask for the mode “messages”."),
    ):
        open_player(harness, "tokens")
        feed(harness, patches.STARTED, [["run", fields]], messages)
        expect(said).to_contain_text("Waiting for the first token")
        feed(harness, [["run", {"status": "Completed", "ended_at": 1.5}], ["over"]])
        expect(said).to_contain_text(why)
        harness.evaluate("() => { player.destroy(); element.replaceChildren(); }")
    open_player(harness, "tokens")
    feed(harness, patches.STARTED, [["run", {**asked, "status": "Failed", "ended_at": 1.5}], ["over"]])
    expect(said).to_be_hidden()


def test_joining_late_and_in_pieces_gives_the_same_picture(harness: Page) -> None:
    picture = '() => element.innerHTML.replace(/[a-z-]*(height|width)="[^"]*"/g, \'\')'
    open_player(harness, *PANELS)
    for patch in patches.WHOLE_RUN:
        feed(harness, [patch])
    in_pieces = harness.evaluate(picture)

    harness.evaluate("() => { player.destroy(); element.replaceChildren(); }")
    open_player(harness, *PANELS)
    feed(harness, patches.WHOLE_RUN)

    announced = "document.querySelector('.sl-announce').textContent"
    assert harness.evaluate(announced) == "Completed after 1.50 s."
    assert harness.evaluate(picture) == in_pieces


def test_a_branch_shows_its_figures_and_goes_when_its_text_is_withdrawn(harness: Page) -> None:
    open_player(harness, {"panel": "branches", "idle": "Press Run."})
    expect(harness.get_by_text("Press Run.")).to_be_visible()
    feed(harness, patches.BEFORE_TEXT, patches.TEXT)
    expect(harness.locator(".sl-branch > .sl-note")).to_have_text("first text 40 ms after its start · 81/s · 40 chunks")
    expect(harness.get_by_text("Press Run.")).to_have_count(0)
    feed(harness, [["drop", "m1"]])
    expect(harness.locator(".sl-branch")).to_have_count(0)


def test_a_message_that_is_asked_for_again_leaves_the_screen_with_its_calls(harness: Page) -> None:
    open_player(harness, "tokens", "calls", "branches")
    feed(harness, patches.BEFORE_TEXT, patches.TEXT, patches.DETAILS)
    expect(harness.get_by_text("weather")).to_be_visible()

    feed(harness, [["drop", "m1"]])

    expect(harness.get_by_text("weather")).to_have_count(0)
    expect(harness.get_by_role("heading", name="Streaming")).to_have_count(0)
    for place in ("Answer", "Branches"):
        expect(harness.get_by_role("region", name=place).get_by_text("Waiting for the first token")).to_be_visible()


def test_a_whole_message_takes_the_place_of_its_pieces(harness: Page) -> None:
    open_player(harness, "tokens")
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["text", "m", "Hal", 0.1]])
    feed(harness, [["whole", "m", "Hello **all**", 0.2]])

    expect(harness.locator(".sl-markdown")).to_have_text("Hello all")
    expect(harness.locator(".sl-markdown strong")).to_have_text("all")


def test_the_text_follows_its_end_only_while_the_reader_is_there(harness: Page) -> None:
    open_player(harness, {"panel": "tokens", "height": 200})
    paragraphs = "".join(f"Paragraph {n} of the answer.\n\n" for n in range(60))
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["text", "m", paragraphs, 0.1]])
    pane = harness.get_by_role("region", name="Answer")
    at_end = "e => e.scrollHeight - e.scrollTop - e.clientHeight < 8"
    assert pane.evaluate(at_end)

    turn_wheel(pane, -300)
    jump = harness.get_by_role("button", name="Jump to the end")
    expect(jump).to_be_visible()
    feed(harness, [["text", "m", paragraphs, 0.2]])
    assert not pane.evaluate(at_end)

    jump.click()
    assert pane.evaluate(at_end)
    expect(jump).to_be_hidden()
    feed(harness, [["text", "m", paragraphs, 0.3]])
    assert pane.evaluate(at_end)


def test_keys_leave_the_end_of_a_text_that_grows_all_the_time_and_go_back_to_it(harness: Page) -> None:
    """A key scrolls smoothly, and each new word took the reader back before the first pixels had passed."""
    open_player(harness, {"panel": "tokens", "height": 200})
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["text", "m", "One line.\n\n" * 60, 0.1]])
    harness.evaluate("""() => {
        window.words = 0;
        const grow = () => player.feed([["text", "m", `word ${++words}${words % 20 ? " " : "\\n\\n"}`, 0.2]]);
        window.growing = setInterval(grow, 5);
    }""")
    pane = harness.get_by_role("region", name="Answer")
    jump = harness.get_by_role("button", name="Jump to the end")

    for key in ("ArrowUp", "PageUp"):
        pane.press(key)
        begun = harness.evaluate("words")
        harness.wait_for_function(f"words > {begun + 40}")
        expect(jump).to_be_visible()
        pane.press("End")
        expect(jump).to_be_hidden()
        begun = harness.evaluate("words")
        harness.wait_for_function(f"words > {begun + 40}")
        expect(jump).to_be_hidden()
    harness.evaluate("clearInterval(growing)")


def test_the_first_text_of_a_run_waits_for_no_frame(harness: Page) -> None:
    """A browser draws a frame a second of a tab behind others; text that is there in between was late by that."""
    harness.evaluate("window.requestAnimationFrame = () => 1")
    open_player(harness, "tokens")
    harness.evaluate("patches => player.feed(patches)", [*patches.BEFORE_TEXT, *patches.TEXT[:2]])
    pane = harness.get_by_role("region", name="Answer")
    first = pane.inner_text()
    assert first.strip()
    harness.evaluate("patches => player.feed(patches)", patches.TEXT[2:])
    assert len(pane.inner_text()) > len(first)


def test_a_late_event_of_an_own_way_to_the_end_does_not_take_back_a_reader_who_left(harness: Page) -> None:
    """The event of a scroll comes a frame after it: a key in between left the end, and that event said it was there."""
    open_player(harness, {"panel": "tokens", "height": 200})
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["text", "m", "One line.\n\n" * 60, 0.1]])
    pane = harness.get_by_role("region", name="Answer")
    jump = harness.get_by_role("button", name="Jump to the end")
    frames = "requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(resolve)))"
    pane.evaluate(f"""(pane) => {{
        pane.dispatchEvent(new KeyboardEvent("keydown", {{ key: "ArrowUp" }}));
        pane.dispatchEvent(new Event("scroll"));
        return new Promise((resolve) => {frames});
    }}""")
    expect(jump).to_be_visible()

    pane.evaluate("(pane) => pane.scrollBy(0, -100)")
    harness.evaluate(f"() => new Promise((resolve) => {frames})")
    pane.evaluate("(pane) => pane.scrollTo(0, pane.scrollHeight)")
    expect(jump).to_be_hidden()


def test_a_quiet_bar_is_there_once_something_is_reported(harness: Page) -> None:
    open_player(harness, {"panel": "progress", "height": 0, "quiet": True})
    feed(harness, patches.STARTED)
    bar = harness.get_by_role("progressbar")
    expect(bar).to_be_hidden()
    expect(harness.get_by_text("No progress")).to_be_hidden()
    feed(
        harness,
        [["step", {"t": 0.2, "step": "index", "status": "Indexed"}], ["bar", {"fraction": 0.25, "status": "Indexed"}]],
    )
    expect(bar).to_be_visible()
    expect(harness.get_by_text("25% · Indexed")).to_be_visible()


def test_nothing_moves_while_a_run_streams(harness: Page) -> None:
    open_player(
        harness, "status", "figures", "tokens", {"panel": "timeline", "lanes": ["messages", "updates"]}, "progress"
    )
    tops = (
        "() => [...element.querySelectorAll('.sl-panel')].map((panel) => Math.round(panel.getBoundingClientRect().top))"
    )
    before = harness.evaluate(tops)

    more = [["span", f"s{n}", {"node": f"n{n}", "start": n / 10, "end": None, "state": "running"}] for n in range(9)]
    for part in (patches.BEFORE_TEXT, patches.TEXT, more, patches.ENDED):
        feed(harness, part)
        assert harness.evaluate(tops) == before


def test_start_first_text_and_end_are_announced_and_tokens_are_not(harness: Page) -> None:
    open_player(harness, "tokens")
    harness.evaluate("""() => {
        window.heard = [];
        const live = document.querySelector("[aria-live=polite]");
        new MutationObserver(() => heard.push(live.textContent)).observe(live, { childList: true });
    }""")
    feed(harness, patches.STARTED)
    feed(harness, [["msg", "m", {"role": "ai"}], ["fig", {"ttft_s": 0.25}], ["text", "m", "one", 0.3]])
    for word in ("two", "three", "four"):
        feed(harness, [["text", "m", f" {word}", 0.4]])
    feed(harness, patches.ENDED)

    assert harness.evaluate("heard") == ["The run has started.", "First text after 250 ms.", "Completed after 1.50 s."]


def test_two_hundred_thousand_parts_stay_quick_and_each_can_be_reached(harness: Page) -> None:
    open_player(harness, {"panel": "raw", "height": 200})
    harness.evaluate("""async () => {
        const row = (_, n) => [n, n / 1000, "messages", "", "n", `w${n}`, 9, `json ${n}`];
        const rows = Array.from({ length: 200_000 }, row);
        await feed([["raw", rows]]);
    }""")

    expect(harness.get_by_text("w199999", exact=True)).to_be_visible()
    assert harness.locator(".sl-window .sl-row").count() < 40
    harness.locator(".sl-raw .sl-scroller").evaluate("element => { element.scrollTop = 26 * 100_000; }")
    harness.get_by_text("w100002", exact=True).click()
    expect(harness.locator(".sl-detail")).to_have_text("json 100002")
    harness.get_by_role("listbox", name="Raw parts").press("ArrowDown")
    harness.get_by_role("listbox", name="Raw parts").press("Enter")
    expect(harness.locator(".sl-detail")).to_have_text("json 100003")


def test_a_superstep_that_was_chosen_stays_while_others_come(harness: Page) -> None:
    open_player(harness, "states")
    feed(harness, patches.STARTED, patches.DETAILS)
    slider = harness.get_by_role("slider", name="Superstep")
    expect(harness.locator(".sl-changed code")).to_have_text("answer")

    slider.press("Home")
    expect(harness.get_by_text("Superstep 1")).to_be_visible()
    feed(harness, [["state", "", 3, {"changed": {"answer": "More."}, "removed": []}, 1.5, 320]])
    expect(harness.get_by_text("Superstep 1")).to_be_visible()

    slider.press("End")
    expect(harness.get_by_text("Superstep 3")).to_be_visible()
    expect(harness.get_by_text("More.").first).to_be_visible()


def test_a_text_of_the_state_is_shown_as_a_whole_and_data_opens(harness: Page) -> None:
    open_player(harness, "states")
    poem = "First line\nsecond line\nthird line"
    feed(harness, patches.STARTED, [["state", "", 0, {"changed": {"poem": poem, "notes": ["a", "b"]}}, 0.4, 90]])

    expect(harness.get_by_text("third line")).to_be_visible()
    assert harness.locator(".sl-written").inner_text() == poem
    assert harness.locator(".sl-field details, details.sl-field").count() == 1

    marked = "**Tokens** from right to left:\n\n- אסימון"
    feed(harness, [["state", "", 1, {"changed": {"poem": marked}, "removed": []}, 0.5, 90]])
    expect(harness.locator(".sl-written strong")).to_have_text("Tokens")
    assert harness.locator(".sl-written li").evaluate("e => getComputedStyle(e.parentElement).direction") == "rtl"


def dots(harness: Page) -> list[int]:
    texts = harness.locator(".sl-mode-counts").all_inner_texts()
    return [0 if text == "–" else int(text.split()[0]) for text in texts]


def raw(first: int, end: int) -> list[list[object]]:
    rows = [
        [n, n / 10, "messages" if n % 2 else "updates", "", "ab"[n % 2], f"w{n}", 9, "{}"] for n in range(first, end)
    ]
    return [["raw", rows]]


def test_space_holds_the_lanes_of_a_live_run_and_the_arrows_step(harness: Page) -> None:
    graph = {"nodes": ["a", "b"], "edges": [["a", "b", False]]}
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"], "pausable": True, **graph})
    state = harness.locator(".sl-lane-paused")
    expect(harness.get_by_role("button", name="Pause")).to_be_disabled()
    feed(harness, patches.STARTED, raw(0, 10))
    expect(state).to_have_text("Space pauses")
    harness.keyboard.press(" ")
    feed(harness, raw(10, 22))
    expect(state).to_have_text(PAUSED)
    assert dots(harness) == [5, 5], "the run goes on, its picture does not"
    expect(harness.locator(".sl-scale span").last).to_have_text("2.00 s")  # a part at 2.10 s doubles the axis

    for key, shown, at in (
        ("ArrowLeft", [4, 5], "0.80 s"),
        ("ArrowRight", [5, 5], "0.90 s"),
        ("ArrowRight", [5, 6], "1.00 s"),
    ):
        harness.keyboard.press(key)
        expect(state).to_have_text(f"Paused at {at} The run goes on.")
        assert dots(harness) == shown
    expect(harness.locator(".sl-stepped")).to_have_attribute("data-node", "a")

    harness.get_by_role("button", name="Go on").click()
    expect(state).to_have_text("Space pauses")
    assert dots(harness) == [11, 11], "what came meanwhile is there"
    assert harness.locator(".sl-stepped").count() == 0
    harness.keyboard.press("ArrowLeft")
    expect(state).to_have_text("Paused at 2.00 s The run goes on.")

    feed(harness, raw(22, 24), patches.ENDED)
    expect(state).to_have_text("At 2.00 s")
    harness.keyboard.press(" ")
    assert dots(harness) == [12, 12]
    expect(state).to_have_text("")
    expect(harness.get_by_role("button", name="Pause")).to_be_disabled()
    harness.keyboard.press(" ")
    assert dots(harness) == [12, 12], "nothing is left to pause"


def test_a_pause_in_a_silence_tells_when_it_was_made_and_a_step_the_time_of_its_part(harness: Page) -> None:
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"], "pausable": True})
    feed(harness, patches.STARTED, raw(0, 4), [["clock", 7.3]])
    harness.keyboard.press(" ")
    state = harness.locator(".sl-lane-paused")
    expect(state).to_contain_text(re.compile(r"Paused at (7\.[3-9]|8\.)"))
    held = state.inner_text()
    feed(harness, [["clock", 9.9]])
    expect(state).to_have_text(held, use_inner_text=True)
    harness.keyboard.press("ArrowLeft")
    expect(state).to_contain_text("Paused at 0.20 s")


def test_a_run_that_blocks_waits_for_the_whole_answer(harness: Page) -> None:
    open_player(harness, "tokens")
    feed(harness, patches.STARTED, [["run", {"api": "invoke"}]])
    expect(harness.get_by_text("Waiting for the whole answer: ")).to_be_visible()


def test_space_presses_what_the_keyboard_has_led_to_and_pauses_after_a_click(harness: Page) -> None:
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"], "pausable": True})
    harness.evaluate("""() => {
        window.pressed = 0;
        const button = Object.assign(document.createElement("button"), { textContent: "Run" });
        button.onclick = () => pressed++;
        document.body.append(button, document.createElement("input"));
    }""")
    feed(harness, patches.STARTED, raw(0, 4))
    run, state = harness.get_by_role("button", name="Run"), harness.locator(".sl-lane-paused")
    run.focus()
    harness.keyboard.press(" ")
    assert harness.evaluate("pressed") == 1
    run.click()
    harness.keyboard.press(" ")
    assert harness.evaluate("pressed") == 2
    expect(state).to_have_text(PAUSED)
    harness.locator("input").press(" ")
    expect(state).to_have_text(PAUSED)


def test_a_link_that_was_clicked_has_no_use_of_space(harness: Page) -> None:
    """A visitor comes to the page by a link of the sidebar, which keeps the focus."""
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"], "pausable": True})
    harness.evaluate("""() => document.body.insertAdjacentHTML("afterbegin", "<a href='#here'>Lanes</a>")""")
    feed(harness, patches.STARTED, raw(0, 4))
    link, state = harness.get_by_role("link", name="Lanes"), harness.locator(".sl-lane-paused")
    link.click()
    harness.keyboard.press(" ")
    expect(state).to_have_text(PAUSED)
    harness.keyboard.press("Tab")
    link.focus()
    harness.keyboard.press(" ")
    expect(state).to_have_text(PAUSED)


def test_a_step_keeps_the_marks_of_its_moment_and_opens_its_part(harness: Page) -> None:
    graph = {"nodes": ["a", "b"], "edges": [["a", "b", False]]}
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"], "pausable": True, **graph})
    spans = [
        ["span", "1", {"node": "a", "ns": "", "start": 0.0, "end": 0.45, "state": "done"}],
        ["span", "2", {"node": "b", "ns": "", "start": 0.45, "end": None, "state": "running"}],
    ]
    feed(harness, patches.STARTED, raw(0, 6), spans)
    states = """() => Object.fromEntries(
        [...element.querySelectorAll("[data-state]")].map((node) => [node.dataset.node, node.dataset.state]))"""
    harness.keyboard.press(" ")
    assert harness.evaluate(states) == {"a": "done", "b": "running"}
    for key, expected, part in (
        ("ArrowLeft", {"a": "running"}, "#4 · 400 ms"),
        ("ArrowRight", {"a": "done", "b": "running"}, "#5 · 500 ms"),
    ):
        harness.keyboard.press(key)
        assert harness.evaluate(states) == expected
        expect(harness.locator(".sl-opened")).to_contain_text(part)
        expect(harness.locator(".sl-chosen")).to_have_count(1)


def test_the_arrows_go_on_from_the_dot_that_was_clicked_which_keeps_its_ring(harness: Page) -> None:
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"]})
    feed(harness, patches.STARTED, raw(0, 18))
    harness.evaluate("element.style.marginTop = `${innerHeight - 150}px`")
    lane = harness.locator(".sl-mode-track").first
    opened, ring = harness.locator(".sl-opened"), harness.locator(".sl-chosen")
    expect(opened).not_to_be_in_viewport(ratio=1)
    lane.press("ArrowRight")
    expect(opened).to_contain_text("#1 ·")
    expect(opened).to_be_in_viewport(ratio=1)
    lane.locator(".sl-mode-dot").nth(5).click()
    expect(opened).to_contain_text("#11 ·")
    harness.keyboard.press("ArrowRight")
    expect(opened).to_contain_text("#13 ·")
    expect(ring).to_have_count(1)
    feed(harness, raw(18, 24))  # the axis doubles, and all dots are drawn anew
    expect(ring).to_have_count(1)
    harness.keyboard.press("ArrowRight")
    expect(opened).to_contain_text("#15 ·")
    other = harness.locator(".sl-mode-track").last
    other.locator(".sl-mode-dot").nth(3).click()
    expect(ring).to_have_count(1)
    rings = "e => [...e.querySelectorAll('.sl-mode-dot')].filter(dot => getComputedStyle(dot).stroke !== 'none').length"
    harness.keyboard.press("ArrowLeft")
    assert harness.locator("#player").evaluate(rings) == 1, "the dot below the pointer has none"


def test_the_axis_of_a_run_that_has_ended_is_as_long_as_the_run(harness: Page) -> None:
    open_player(harness, {"panel": "mode_lanes", "modes": ["messages", "updates"]})
    feed(harness, patches.STARTED, raw(0, 22))
    last = harness.locator(".sl-scale span").last
    expect(last).to_have_text("4.00 s")
    feed(harness, patches.ENDED)
    expect(last).to_have_text("2.10 s")


def test_a_touch_screen_is_not_told_of_keys(chromium: Browser, harness_url: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(harness_url)
    page.wait_for_function("window.ready")
    open_player(page, {"panel": "mode_lanes", "modes": ["messages", "updates"], "pausable": True})
    feed(page, patches.STARTED, raw(0, 4))
    expect(page.locator(".sl-lane-paused")).to_have_text("")
    expect(page.locator(".sl-opened")).to_contain_text("Tap a dot to open")
    page.get_by_role("button", name="Pause").tap()
    expect(page.locator(".sl-lane-paused")).to_contain_text("The run goes on.")
    context.close()


def test_what_is_said_beside_a_run_is_no_larger_than_the_run(harness: Page) -> None:
    """With the style of the pages: a lost connection is one line on a narrow screen, a countdown no headline."""
    harness.add_style_tag(path=STYLE)
    harness.evaluate("""() => {
        document.body.insertAdjacentHTML("afterbegin", `<div class="stApp"><div class="st-key-run_line">
          <div class="sl-player" style="width: 90px"><section class="sl-column">
            <div class="sl-link">Connection lost. Reconnecting…</div></section></div></div>
          <div id="stage"></div></div>`);
        document.querySelector("#stage").append(document.querySelector("main"));
        document.documentElement.classList.add("sl-shown", "sl-presenter");
    }""")
    lines = "e => e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)"
    assert harness.locator(".sl-link").first.evaluate(lines) < 1.9
    open_player(harness, "tokens")
    feed(harness, patches.STARTED)
    size = "e => parseFloat(getComputedStyle(e).fontSize)"
    words = harness.get_by_text("Waiting for the first token")
    assert words.evaluate(size) <= 1.25 * harness.locator("#player").evaluate(size)


def test_branches_count_down_to_the_first_text_in_either_order(harness: Page) -> None:
    for order in ("grouped by node", "by arrival"):
        harness.evaluate("element.replaceChildren()")
        open_player(harness, {"panel": "branches", "order": order, "idle": "Press Run."}, expected=[None])
        pane = harness.get_by_role("region", name="Branches")
        expect(pane).to_have_text("Press Run.")
        feed(harness, patches.STARTED)
        expect(pane).to_contain_text("Waiting for the first token: ")
        text = ["text", "m1", "First words.", 1.0]
        feed(
            harness,
            [["msg", "m1", {"node": "a", "branch": "a"}], ["branch", "a", {"label": "a"}], ["turn", [["m1", 0]]], text],
        )
        expect(pane).to_contain_text("First words.")
        expect(pane).not_to_contain_text("Waiting")
        expect(harness.locator(".sl-waiting")).to_have_count(0)


def test_three_levels_of_graphs_are_in_sight_and_of_more_the_one_that_began_last(harness: Page) -> None:
    open_player(harness, {"panel": "namespaces", "height": 215})

    def space(*path: str) -> list[object]:
        fields = {"events": {"messages": 44}, "bytes": 900, "nodes": ["a", "b"], "first_at": 0.1, "last_at": 0.9}
        return ["ns", "|".join(path), fields]

    feed(harness, patches.STARTED, [space(), space("read:1"), space("read:1", "digest:1")])
    cards = harness.locator(".sl-tree .sl-card")
    for card in cards.all():
        expect(card).to_be_in_viewport(ratio=1)
    feed(harness, [space(f"more:{n}") for n in range(5)])
    expect(cards.first).not_to_be_in_viewport()
    expect(cards.last).to_be_in_viewport(ratio=1)


def test_the_trace_shows_only_the_wanted_types_and_steps(harness: Page) -> None:
    row = {"t": 0.1, "ns": "", "name": "plan", "preview": {"id": "t1"}, "size": 9}
    entries = [["trace", {**row, "type": type_, "step": step}] for step in (1, 2) for type_ in ("task", "task_result")]
    open_player(harness, {"panel": "trace", "types": ["task"], "steps": [2]})
    feed(harness, patches.STARTED, entries)

    (shown,) = harness.locator(".sl-window .sl-row").all_inner_texts()
    assert shown.split()[0] == "2"
    assert "task_result" not in shown
    harness.locator(".sl-window .sl-row").click()
    expect(harness.locator(".sl-detail")).to_have_text('{\n  "id": "t1"\n}')


def test_an_update_of_nothing_is_called_so(harness: Page) -> None:
    open_player(harness, "updates")
    feed(harness, patches.STARTED, [["upd", {"t": 0.4, "node": "plan", "ns": "", "value": None, "size": 9}]])

    expect(harness.get_by_text("changed nothing")).to_be_visible()


def test_a_copy_button_copies_the_code(harness: Page) -> None:
    harness.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_player(harness, "tokens")
    feed(harness, patches.STARTED, patches.TEXT)

    harness.get_by_role("button", name="Copy the code").click()

    harness.wait_for_function("document.querySelector('.sl-copied')")
    assert "async for part" in harness.evaluate("navigator.clipboard.readText()")


def test_runs_side_by_side_share_one_time_axis_and_end_together(harness: Page) -> None:
    open_player(harness, "status", "timeline", runs=["a", "b"], labels=["Left", "Right"])
    feed(harness, patches.WHOLE_RUN, index=0)
    assert harness.evaluate("ended") == []
    feed(harness, [["run", {"status": "Failed", "ended_at": 3.0}], ["clock", 3.0], ["over"]], index=1)

    lengths = harness.evaluate(
        "[...document.querySelectorAll('.sl-timeline')].map(e => e.style.getPropertyValue('--sl-length'))"
    )
    assert lengths == ["3", "3"]
    assert harness.evaluate("ended") == [{"a": "Completed", "b": "Failed"}]


def test_the_columns_of_runs_are_there_before_the_first_run(harness: Page) -> None:
    open_player(harness, "status", runs=[], labels=["Left", "Right"])
    expect(harness.locator(".sl-column-label")).to_have_text(["Left", "Right"])


def test_the_clock_of_a_run_goes_on_beside_a_longer_one_that_has_ended(harness: Page) -> None:
    open_player(harness, "status", runs=["a", "b"], labels=["Left", "Right"])
    feed(harness, [["run", {"status": "Completed", "ended_at": 60.0}], ["clock", 60.0], ["over"]], index=0)
    feed(harness, [["run", {"status": "Running"}], ["clock", 1.0]], index=1)
    clock = harness.locator(".sl-clock").last
    expect(clock).to_have_text(re.compile(r"^1\.\d s$"))
    expect(clock).to_have_text(re.compile(r"^([2-9]|\d\d)\.\d s$"))


def test_one_status_at_a_time_is_that_of_the_first_run_that_has_not_ended_and_then_of_a_failure(harness: Page) -> None:
    open_player(harness, "status", runs=["a", "b", "c"], labels=["1 of 3", "2 of 3", "3 of 3"], one_at_a_time=True)
    for index, word in enumerate(["Completed", "Failed", "Completed"]):
        expect(harness.locator(".sl-column-label:visible")).to_have_text([f"{index + 1} of 3"])
        feed(harness, [["run", {"status": word, "ended_at": 1.0}], ["clock", 1.0], ["over"]], index=index)
    expect(harness.locator(".sl-chip:visible")).to_have_text(["Failed"])


def test_a_run_that_two_players_show_is_announced_once(harness: Page) -> None:
    open_player(harness, "tokens", labels=["Left"])
    harness.evaluate("""() => {
        window.heard = [];
        const live = document.querySelectorAll("[aria-live=polite]");
        for (const region of live) {
            new MutationObserver(() => heard.push(region.textContent)).observe(region, { childList: true });
        }
        window.other = new Player(document.querySelector("main").appendChild(document.createElement("div")));
        other.show({ runs: ["r1"], panels: ["status"] });
        other.feed([["run", { status: "Completed", ended_at: 1.5 }], ["clock", 1.5], ["over"]]);
    }""")
    feed(harness, [["run", {"status": "Completed", "ended_at": 1.5}], ["clock", 1.5], ["over"]])

    assert harness.evaluate("document.querySelectorAll('[aria-live=polite]').length") == 1
    assert harness.evaluate("heard") == ["Left: Completed after 1.50 s."]


def test_an_answer_that_the_state_holds_is_drawn_whole(harness: Page) -> None:
    open_player(harness, "answer")
    expect(harness.get_by_text("Press Run")).to_be_visible()
    feed(harness, patches.STARTED)
    expect(harness.get_by_text("Waiting for the whole answer")).to_be_visible()
    for text in ("**One**", "**Two** words"):
        feed(harness, [["answer", text, 1.0]])
    expect(harness.locator(".sl-answer .sl-markdown")).to_have_text("Two words")
    expect(harness.locator(".sl-answer strong")).to_have_text("Two")


def test_text_after_one_slow_paint_is_drawn_at_once(harness: Page) -> None:
    open_player(harness, "tokens")
    feed(harness, patches.STARTED, [["msg", "m", {"role": "ai"}], ["text", "m", "One ", 0.1]])
    expect(harness.locator(".sl-markdown")).to_have_text("One")
    slow = """() => {
        const [now, append] = [performance.now.bind(performance), CharacterData.prototype.appendData];
        let late = 0;
        performance.now = () => now() + late;
        CharacterData.prototype.appendData = function (text) { late += 1000; append.call(this, text); };
        feed([["text", "m", "two ", 0.2]], 0);
        CharacterData.prototype.appendData = append;
        feed([["text", "m", "three", 0.3]], 0);
        return [late, document.querySelector(".sl-markdown").textContent];
    }"""
    late, text = harness.evaluate(slow)
    assert late, "the second paint was slow"
    assert text.split() == ["One", "two", "three"]


def test_raw_row_in_short_is_drawn_as_the_whole_part(harness: Page) -> None:
    content = '[{"type":"AIMessageChunk","id":"m","content":"One \\"1\\""},{"langgraph_node":"n"}]'
    open_player(harness, "raw")
    feed(harness, [["raw", [[1, 0.1, "messages", "", "n", 'One "1"', 40, content], [2, 0.2, " two", 41, 1]]]])
    row = harness.get_by_role("option").filter(has_text="two")
    expect(row).to_contain_text('[{"type":"AIMessageChunk","id":"m","content":" two"},{"langgraph_node":"n"}]')
    expect(row).to_contain_text("messages")


def test_twenty_thousand_words_do_not_freeze_the_tab(harness: Page) -> None:
    """Counted work instead of time: the parser sees each character a few times, and not once for each later piece."""
    parsed = harness.evaluate("""async () => {
        const paragraph = (_, n) => `Paragraph ${n}: ` + "some **bold** words ".repeat(12);
        const text = Array.from({ length: 400 }, paragraph).join("\\n\\n");
        const parse = MarkdownIt.prototype.parse;
        let characters = 0;
        MarkdownIt.prototype.parse = function (source, env) {
            characters += source.length;
            return parse.call(this, source, env);
        };
        const growing = new GrowingMarkdown(element);
        for (let at = 0; at < text.length; at += 20) growing.append(text.slice(at, at + 20));
        growing.finish();
        MarkdownIt.prototype.parse = parse;
        return characters / text.length;
    }""")

    assert parsed < 15


def test_a_reader_gets_only_what_the_filter_admits(harness: Page) -> None:
    wanted = {"graphs": ["", "read"], "tags": ["answer", "data"]}
    tables = {"panel": "tables", "idle": "No rows."}
    open_player(
        harness,
        {"panel": "tokens", "without": ["data"], **wanted},
        {"panel": "progress", "graphs": wanted["graphs"]},
        {**tables, "nodes": ["read"]},
        {**tables, "nodes": ["write"]},
        {"panel": "tokens", "tags": ["nothing"]},
        {"panel": "raw", "modes": ["values"]},
    )
    for name, fields in {
        "answer": {"node": "write", "ns": "", "tags": ["answer"]},
        "draft": {"node": "write", "ns": "", "tags": ["draft"]},
        "deep": {"node": "sum up", "ns": "read:1|digest:2", "tags": ["answer"]},
        "inner": {"node": "digest", "ns": "read:1", "tags": ["answer"]},
        "data": {"node": "list", "ns": "read:1", "tags": ["data"]},
    }.items():
        feed(harness, [["msg", name, {"role": "ai", **fields}], ["text", name, f"text of {name}", 0.1]])
    feed(
        harness,
        [["raw", [[1, 0.1, "messages", "", "write", "text", 9, "{}"]]]],
        [["rows", "data", 0, [{"name": "first row"}], True]],
        [["step", {"t": 0.1, "ns": "read:1", "status": "reading", "fraction": 0.5}]],
        [["step", {"t": 0.2, "ns": "read:1|digest:2", "status": "deeper", "fraction": 0.9}]],
        [["bar", {"fraction": 0.9, "status": "deeper"}]],
    )
    expect(harness.locator(".sl-tokens .sl-markdown")).to_have_text(["text of answer", "text of inner"])
    expect(harness.locator(".sl-tokens").nth(1)).to_contain_text("The filter hides all text so far.")
    expect(harness.locator(".sl-raw")).to_contain_text("The filter hides all entries so far.")
    expect(harness.locator(".sl-status-line")).to_have_text("50% · reading")
    expect(harness.get_by_role("listitem")).to_have_count(1)
    expect(harness.locator(".sl-tables").nth(0)).to_contain_text("first row")
    expect(harness.locator(".sl-tables").nth(1)).to_have_text("No rows.")


@pytest.mark.parametrize("name", ["constructor", "__proto__", "toString"])
def test_a_name_that_objects_have_themselves_is_a_name_like_any_other(harness: Page, name: str) -> None:
    graph = {"panel": "diagram", "nodes": ["__start__", name, "__end__"], "edges": [["__start__", name, False]]}
    open_player(harness, "tables", "raw", "namespaces", "timeline", graph)
    # As JSON, in which `__proto__` is a name.
    rows = json.dumps([{name: "one"}, {"other": "two"}])
    harness.evaluate("rows => feed([['rows', 'data', 0, JSON.parse(rows), true]])", rows)
    feed(
        harness,
        [["raw", [[1, 0.1, name, "", name, "text", 9, "{}"]]]],
        [["lane", name, [[0, 1, 9]]], ["clock", 1.0]],
        [["span", name, {"node": name, "ns": "", "start": 0, "end": 1, "state": "done"}]],
    )
    harness.evaluate("name => feed([['ns', '', JSON.parse(`{\"events\": {\"${name}\": 1}}`)]])", name)

    expect(harness.locator(".sl-tables td")).to_have_text(["one", "", "", "two"])
    dots = harness.locator(".sl-raw .sl-dotted, .sl-namespaces .sl-dotted, .sl-timeline [style*='--sl-dot']")
    colours = dots.evaluate_all("all => all.map(one => one.style.getPropertyValue('--sl-dot').trim())")
    assert colours == ["gray", "gray", "gray"]
    expect(harness.locator(".sl-diagram-node[data-state='done'] title")).to_have_text(f"{name}: done")


@pytest.mark.parametrize("name", ["constructor", "__proto__"])
def test_a_link_to_a_term_that_is_none_is_a_link(harness: Page, name: str) -> None:
    terms = TERMS.read_text(encoding="utf-8")
    harness.add_script_tag(content=f"{{ const TERMS = {terms_for_the_browser()};\n{terms}}}")
    link = "name => element.append(Object.assign(document.createElement('a'), { href: `#term-${name}`, text: 'term' }))"
    harness.evaluate(link, name)
    harness.get_by_text("term", exact=True).click()
    expect(harness).to_have_url(re.compile(f"#term-{name}$"))


def test_the_steps_of_server_and_policy_are_in_the_order_of_time(harness: Page) -> None:
    open_player(harness, {"panel": "faults", "whole": True, "idle": "Press Run."})
    expect(harness.get_by_text("Press Run.")).to_be_visible()
    feed(harness, [["fault", {"t": 0.3, "text": "cuts the stream", "by": "server"}]])
    feed(harness, [["run", {"started_at": 0.1}], ["msg", "m1", {"role": "ai", "node": "write", "first_at": 0.2}]])
    feed(harness, [["run", {"outcome": "completed", "ended_at": 0.9}], ["over"]])
    expect(harness.locator(".sl-fault")).to_have_text(
        [
            "100 msrunthe graph starts",
            "200 msrunfirst token of write",
            "300 msservercuts the stream",
            "900 msruncompleted",
        ]
    )


def test_kept_text_is_not_called_a_first_token(harness: Page) -> None:
    open_player(harness, {"panel": "faults", "whole": True})
    feed(harness, [["msg", "m1", {"role": "ai", "node": "write", "first_at": 0.2, "kept": 9}]])
    expect(harness.locator(".sl-fault")).to_have_text(["200 msrungoes on from the kept text of write"])
    feed(harness, [["end", "m1", {"how": "kept incomplete"}]])
    expect(harness.locator(".sl-fault")).to_have_text(["200 msrunkept text of write"])


def test_a_run_whose_cut_answer_was_kept_says_so_in_its_state(harness: Page) -> None:
    open_player(harness, {"panel": "status"})
    feed(harness, [["run", {"status": "Completed", "kept": True}], ["over"]])
    expect(harness.locator(".sl-chip")).to_have_text("Kept, incomplete")
    expect(harness.locator(".sl-chip")).to_have_attribute("data-tone", "orange")


def test_the_cost_of_the_direct_way_is_counted_while_the_text_grows(harness: Page) -> None:
    open_player(harness, {"panel": "cost", "idle": "Not yet known.", "way": "by a socket"})
    expect(harness.get_by_text("Not yet known.")).to_be_visible()
    line = harness.locator(".sl-note")
    feed(harness, [["msg", "q", {"role": "human"}], ["text", "q", "A question", 0.1]])
    feed(harness, [["msg", "m", {"role": "ai"}], ["text", "m", "Ä", 0.2], ["fig", {"chunks": 1}]])
    expect(line).to_have_text("Drawn by direct: 2 B of text in 1 chunk, each sent once, by a socket.")
    feed(harness, [["text", "m", "bc", 0.3], ["fig", {"chunks": 2}]])
    expect(line).to_have_text("Drawn by direct: 4 B of text in 2 chunks, each sent once, by a socket.")
    feed(harness, [["whole", "m", "Other", 0.4], ["over"]])
    expect(line).to_contain_text("5 B of text")


def test_text_that_an_earlier_run_had_received_costs_nothing(harness: Page) -> None:
    """Its bytes were counted, and its chunks were not."""
    open_player(harness, {"panel": "cost", "way": "by a socket"})
    line = harness.locator(".sl-note")
    feed(harness, [["msg", "m", {"role": "ai"}], ["fig", {"chunks": 0}]])
    feed(harness, [["msg", "m", {"kept": 4}], ["text", "m", "Kept", 0.2]])
    expect(line).to_have_text("Drawn by direct: 0 B of new text in 0 chunks, each sent once, by a socket.")
    feed(harness, [["text", "m", " Ä", 0.3], ["fig", {"chunks": 1}]])
    expect(line).to_have_text("Drawn by direct: 3 B of new text in 1 chunk, each sent once, by a socket.")
    # A message that comes whole after a reload.
    open_player(harness, {"panel": "cost", "way": "through Streamlit"})
    whole = [["msg", "m", {"role": "ai", "kept": 4}], ["text", "m", "Kept Ä", 0.3], ["fig", {"chunks": 1}]]
    feed(harness, whole)
    expect(line).to_have_text("Drawn by direct: 3 B of new text in 1 chunk, each sent once, through Streamlit.")


def test_no_panel_looks_at_the_layout_between_two_paintings_of_a_frame(harness: Page) -> None:
    lanes = ["messages", "updates"]
    open_player(harness, "status", "tokens", {"panel": "timeline", "lanes": lanes}, "progress", "updates", "raw")
    feed(harness, patches.BEFORE_TEXT, patches.TEXT)
    harness.evaluate("""() => {
        window.layouts = [];
        const changes = new MutationObserver(() => {});
        changes.observe(element, { subtree: true, childList: true, characterData: true, attributes: true });
        let looked = false;
        const look = (name) => {
            if (changes.takeRecords().length && looked) layouts.push(name);
            looked = true;
        };
        for (const name of ["scrollTop", "scrollHeight", "clientWidth", "clientHeight"]) {
            const { get, ...rest } = Object.getOwnPropertyDescriptor(Element.prototype, name);
            Object.defineProperty(Element.prototype, name, { ...rest, get() { look(name); return get.call(this); } });
        }
        const request = requestAnimationFrame;
        window.requestAnimationFrame = (paint) => request((now) => { looked = false; paint(now); });
    }""")

    raw = ["raw", [[n, 0.5, "messages", "", "n", f"w{n}", 9, "{}"] for n in range(50)]]
    spans = [["span", f"s{n}", {"node": f"n{n}", "start": n / 10, "end": None, "state": "running"}] for n in range(9)]
    update = ["upd", {"t": 0.5, "node": "n", "ns": "", "fields": {"a": 1}, "size": 9}]
    step = ["step", {"t": 0.5, "step": "one", "status": "begun"}]
    feed(harness, patches.TEXT, [raw, *spans, update, step])

    assert harness.locator(".sl-window .sl-row").count() > 0
    assert harness.evaluate("layouts") == []


def test_the_overview_of_the_keys_stays_while_a_run_is_drawn(harness: Page) -> None:
    open_player(harness, "status", one_at_a_time=True, runs=["r1", "r2"])
    feed(harness, patches.STARTED)
    harness.set_viewport_size({"width": 1280, "height": 300})
    harness.evaluate("async () => (await import('/assets/shortcuts.js')).installShortcuts()")
    harness.keyboard.press("?")
    overview = harness.get_by_role("dialog", name="Keyboard shortcuts")
    expect(overview).to_be_visible()
    expect(overview.get_by_role("heading")).to_be_in_viewport()
    feed(harness, patches.BEFORE_TEXT, patches.TEXT)
    expect(overview).to_be_visible()
    harness.set_viewport_size({"width": 1280, "height": 720})
