"""What goes along when a visitor turns from one page to another in one tab."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser_checks import state

pytestmark = pytest.mark.browser


def prompt(page: Page) -> Locator:
    return page.get_by_label("Prompt", exact=True)


def graph(page: Page) -> Locator:
    return page.locator(".st-key-graph input")


def choose_graph(page: Page, name: str) -> None:
    graph(page).click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(graph(page)).to_have_value(name)


def turn_to(page: Page, title: str) -> None:
    page.locator(".stSidebar").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()


def test_an_example_stays_with_its_graph_and_what_was_typed_goes_along(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/tools?model=scripted&ttft_ms=0&tokens_per_s=2000")
    expect(prompt(page)).to_have_value("What is a checkpoint, and what is 12 * (3 + 4)?")
    turn_to(page, "Interrupts")
    expect(prompt(page)).to_have_value("The park opens on Monday")
    prompt(page).fill("The library moves on Friday")
    prompt(page).press("Tab")
    turn_to(page, "Tools")
    expect(prompt(page)).to_have_value("The library moves on Friday")


def test_a_graph_goes_along_where_it_was_chosen_and_a_page_keeps_the_graph_of_its_run(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/values?model=scripted&ttft_ms=0&tokens_per_s=2000")
    expect(graph(page)).to_have_value("joke")
    turn_to(page, "Messages")
    expect(graph(page)).to_have_value("chat")
    page.locator(".st-key-run button").click()
    expect(state(page, "Completed")).to_be_visible()
    turn_to(page, "Values")
    expect(graph(page)).to_have_value("joke")
    choose_graph(page, "report")
    turn_to(page, "Updates")
    expect(graph(page)).to_have_value("report")
    turn_to(page, "Parallel")
    turn_to(page, "Tasks")
    expect(graph(page)).to_have_value("report")
    turn_to(page, "Messages")
    expect(graph(page)).to_have_value("chat")
    page.go_back()
    expect(page.get_by_role("heading", name="Tasks", exact=True)).to_be_visible()
    expect(graph(page)).to_have_value("report")


def test_a_run_of_a_page_that_was_left_is_named_and_can_be_stopped(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?model=scripted&ttft_ms=0&tokens_per_s=10&tokens=2000&autorun=1")
    expect(state(page, "Running")).to_be_visible()
    turn_to(page, "Subgraphs")
    told = page.get_by_text("Your run on Messages goes on")
    expect(told).to_be_visible()
    page.get_by_role("button", name="Stop it").click()
    expect(told).to_be_hidden()
    turn_to(page, "Messages")
    expect(state(page, "Cancelled")).to_be_visible()


def test_back_leads_to_the_settings_that_the_page_had(page: Page, app_url: str) -> None:
    """The page before has fields of the same names, and notes their values before it has its own address."""
    page.goto(f"{app_url}/combined?model=scripted&ttft_ms=0&tokens_per_s=1200&tokens=20")
    page.locator(".st-key-run button").click()
    expect(state(page, "Completed")).to_be_visible()
    turn_to(page, "Updates")
    expect(page).to_have_url(re.compile(r"/updates\?.*tokens_per_s=1200"))
    page.go_back()
    expect(page.get_by_role("heading", name="Combined", exact=True)).to_be_visible()
    expect(state(page, "Completed")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/combined\?.*tokens_per_s=1200.*run="))
    page.get_by_text("Model settings").click()
    expect(page.get_by_label("Tokens per second")).to_have_value("1200")


def test_what_a_link_sets_goes_along_to_the_next_page_at_once(page: Page, app_url: str) -> None:
    """Its script had run only once: Streamlit forgot what it had not yet compared with a run before."""
    page.goto(f"{app_url}/combined?model=scripted&tokens_per_s=1200")
    expect(page.locator(".st-key-run button")).to_be_enabled()
    turn_to(page, "Updates")
    expect(page).to_have_url(re.compile(r"/updates\?.*model=scripted.*tokens_per_s=1200"))


def test_back_leads_to_the_page_before_after_a_reload(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/combined?model=scripted&tokens_per_s=1200")
    expect(page.locator(".st-key-run button")).to_be_enabled()
    turn_to(page, "Updates")
    page.reload()
    expect(page.get_by_role("heading", name="Updates", exact=True)).to_be_visible()
    expect(page.locator(".st-key-run button")).to_be_enabled()
    page.go_back()
    expect(page.get_by_role("heading", name="Combined", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/combined\?.*tokens_per_s=1200"))
