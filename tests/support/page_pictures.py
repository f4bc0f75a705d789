"""What the player draws on a page by the end of its run, for the tests that have the page open."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.browser_checks import run_id, state


def _raw_parts_and_the_graph_are_there(page: Page) -> None:
    expect(page.locator(".st-key-raw").get_by_role("option").first).to_be_visible()
    expect(page.locator(".st-key-graph_picture svg")).to_be_visible()


def values_shows_each_state_with_its_changes(page: Page) -> None:
    _raw_parts_and_the_graph_are_there(page)
    shown = page.locator(".st-key-state")
    expect(shown.get_by_text("Superstep 2")).to_be_visible()
    expect(shown.locator(".sl-changed code")).to_have_text("joke")
    shown.get_by_role("slider", name="Superstep").press("Home")
    expect(shown.get_by_text("Superstep 0")).to_be_visible()
    expect(shown.locator(".sl-field code")).to_have_text("topic")


def custom_shows_the_progress_and_its_steps(page: Page) -> None:
    _raw_parts_and_the_graph_are_there(page)
    shown = page.locator(".st-key-progress")
    expect(shown.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(shown.get_by_role("listitem").first).to_contain_text("UTC")


def debug_shows_a_trace_that_can_be_filtered(page: Page) -> None:
    _raw_parts_and_the_graph_are_there(page)
    rows = page.locator(".st-key-trace").get_by_role("option")
    expect(rows).to_have_count(8)
    page.locator(".st-key-trace_filter-kind").get_by_text("task_result", exact=True).click()
    expect(rows).to_have_count(2)
    rows.first.click()
    expect(page.locator(".st-key-trace .sl-detail")).to_contain_text('"name": "refine_topic"')


def checkpoints_shows_the_chain_the_answer_and_the_way_back(page: Page) -> None:
    _raw_parts_and_the_graph_are_there(page)
    cards = page.locator(".st-key-checkpoints .sl-card")
    expect(cards).to_have_count(4)
    expect(cards.last).to_contain_text("none, the end")
    expect(page.locator(".st-key-token_pane").get_by_text("had a meltdown")).to_be_visible()
    before = page.url
    page.get_by_role("button", name="Resume from here").click()
    expect(page).not_to_have_url(before)
    expect(state(page, "Completed")).to_be_visible()


def parallel_shows_each_branch_with_its_clock(page: Page) -> None:
    branches = page.locator(".st-key-branches")
    for name in ("think · cheap", "think · fun", "think · quick", "merge"):
        branch = branches.locator(".sl-branch").filter(has=page.get_by_text(name, exact=True))
        expect(branch).to_contain_text("after its start")
        expect(branch.locator(".sl-markdown")).not_to_be_empty()
    expect(page.get_by_text("branches were writing at the same time")).to_be_visible()


def conditional_shows_each_reader_what_its_filter_admits(page: Page) -> None:
    expect(page.locator(".st-key-reader_table").get_by_text("A flagship")).to_be_visible()
    expect(page.locator(".st-key-reader_text .sl-message").first).to_be_visible()
    expect(page.locator(".st-key-reader_text").get_by_text("A flagship")).to_have_count(0)
    expect(page.locator(".st-key-kinds").get_by_role("cell", name="custom").first).to_be_visible()
    expect(page.get_by_text("Sent:")).to_have_count(3)


def tools_draws_arguments_as_they_are_written_and_the_result(page: Page) -> None:
    calls = page.locator(".st-key-calls")
    expect(calls.get_by_text('{"expression": "12 * (3 + 4)"}', exact=True)).to_be_visible()
    expect(calls.get_by_text("→ 84", exact=True)).to_be_visible()
    expect(page.locator(".st-key-chat").get_by_text("84").first).to_be_visible()
    expect(calls.get_by_text("finished", exact=True)).to_have_count(2)


def interrupts_asks_and_a_draft_is_edited_by_keyboard_and_sent_as_it_is_typed(page: Page) -> None:
    """The answer follows the typing at once: the text counts although the page was not drawn since.

    Ctrl+Enter, which is Run elsewhere, sends the answer.
    """
    expect(page.locator(".st-key-token_pane .sl-message").first).to_be_visible()
    expect(page.get_by_text("Is this draft good?", exact=True)).to_be_visible()
    page.get_by_role("radio", name="edit").or_(page.get_by_role("button", name="edit", exact=True)).first.focus()
    page.keyboard.press("Enter")
    run = run_id(page)
    page.locator("[class*=st-key-text_] textarea").fill("Our own words.")
    page.locator("[class*=st-key-text_] textarea").press("Control+Enter")
    expect(state(page, "Completed")).to_be_visible()
    expect(page.locator(".st-key-published").get_by_text("Our own words.")).to_be_visible()
    assert run_id(page) != run, "the thread goes on in another run"


PICTURES: dict[str, Callable[[Page], None]] = {
    "checkpoints": checkpoints_shows_the_chain_the_answer_and_the_way_back,
    "conditional": conditional_shows_each_reader_what_its_filter_admits,
    "custom": custom_shows_the_progress_and_its_steps,
    "debug": debug_shows_a_trace_that_can_be_filtered,
    "interrupts": interrupts_asks_and_a_draft_is_edited_by_keyboard_and_sent_as_it_is_typed,
    "parallel": parallel_shows_each_branch_with_its_clock,
    "tools": tools_draws_arguments_as_they_are_written_and_the_result,
    "values": values_shows_each_state_with_its_changes,
}
"""The checks of pages, by the name in their address."""
