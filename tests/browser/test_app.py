"""What only a browser shows: deep links, streaming panels, Stop, reload, two sessions, accessibility."""

import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from streaming.services import get_services
from tests.browser.conftest import watch_errors
from tests.support.app_server import running_app
from tests.support.browser_checks import serious_violations, settled, state

pytestmark = pytest.mark.browser

PAGES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug", "combined")
QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=2000"
WITHOUT_FIELDS = """() => {
    document.querySelectorAll("input").forEach(field => field.remove());
    return document.documentElement.outerHTML;
}"""
PLANTED = "a-planted-key-0123456789"
LONG = "autorun=1&model=scripted&graph=chat&ttft_ms=50&tokens_per_s=50&tokens=1500"


def answer(page: Page) -> str:
    return page.locator(".st-key-chat").inner_text()


def wait_for_text(page: Page, least: int) -> str:
    page.wait_for_function(
        f"(document.querySelector('.st-key-chat')?.innerText || '').length >= {least}", timeout=20_000
    )
    return answer(page)


def test_home_opens_and_starts_a_run_in_one_click(page: Page, app_url: str) -> None:
    page.goto(app_url)
    expect(page.get_by_role("heading", name="Streaming Lab")).to_be_visible()
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_role("heading", name="Combined")).to_be_visible()
    expect(page).to_have_url(re.compile("/combined"))
    expect(page.get_by_role("button", name="Stop").or_(state(page, "Completed")).first).to_be_visible()
    expect(state(page, "Completed")).to_be_visible(timeout=90_000)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_runs_from_a_deep_link_and_is_accessible(page: Page, app_url: str, name: str) -> None:
    page.goto(f"{app_url}/{name}?{QUICK}")
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("link", name="Combined")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert serious_violations(page) == {}


def test_a_deep_link_works_on_a_cold_server(chromium: Browser, tmp_path: Path) -> None:
    with running_app(tmp_path / "log.txt") as url:
        page = chromium.new_page()
        page.goto(f"{url}/updates?{QUICK}")
        expect(state(page, "Completed")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("link", name="Checkpoints")).to_be_visible()
        assert page.title().startswith("Updates")
        page.close()


@pytest.mark.local_model
@pytest.mark.skipif(
    not get_services().embedded_model.installed, reason="the embedded model is not installed: make model"
)
def test_the_embedded_model_moves_all_four_panels(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/combined?autorun=1&model=local")
    expect(state(page, "Completed")).to_be_visible(timeout=90_000)
    assert len(page.locator(".st-key-token_pane").inner_text()) > 100
    timeline = page.locator(".st-key-timeline")
    for word in ("plan", "gather", "write", "check", "messages", "updates", "custom"):
        expect(timeline.get_by_text(re.compile(rf"\b{word}$")).first).to_be_visible()
    expect(page.locator(".st-key-progress").get_by_text("100%")).to_be_visible()
    expect(page.locator(".st-key-latency canvas, .st-key-latency svg.marks").first).to_be_visible()
    expect(page.locator(".st-key-figures").get_by_text("TTFT")).to_be_visible()


def test_stop_ends_within_a_second_and_keeps_the_text(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{LONG}")
    wait_for_text(page, 200)
    page.get_by_role("button", name="Stop").click()
    expect(state(page, "Cancelled")).to_be_visible(timeout=1_000)
    assert len(answer(page)) >= 200
    expect(page.get_by_role("button", name="Run")).to_be_enabled()


def test_a_reload_in_mid_run_keeps_every_token(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{LONG.replace('1500', '250')}")
    before = wait_for_text(page, 300)[:250]
    run = re.search(r"[?&]run=([\w-]+)", page.url)
    assert run
    page.reload()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    assert f"&run={run.group(1)}" in page.url
    after = answer(page)
    assert after.startswith(before[:200])
    assert len(after) > len(before)


def test_a_long_prompt_does_not_keep_the_page_from_its_reload(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{QUICK.removeprefix('autorun=1&')}")
    prompt = page.get_by_label("Prompt", exact=True)
    prompt.fill("字" * 9_000)
    prompt.press("Control+Enter")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    answered = page.reload()
    assert answered
    assert answered.status == 200
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    expect(prompt).to_have_value("字" * 9_000)


def test_a_preset_is_still_there_after_a_reload(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/values?model=scripted")
    page.get_by_role("button", name="Model settings").click()
    page.get_by_role("combobox", name="Preset").click()
    page.get_by_role("option", name="slow reasoning").click()
    expect(page).to_have_url(re.compile("ttft_ms=4000"))
    expect(page).to_have_url(re.compile("preset=slow"))
    settled(page)
    page.reload()
    page.get_by_role("button", name="Model settings").click()
    expect(page.get_by_label("TTFT (ms)")).to_have_value("4000")
    expect(page.get_by_label("Tokens per second")).to_have_value("45")


def test_a_run_survives_a_switch_of_the_page(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?{LONG.replace('1500', '200')}")
    wait_for_text(page, 100)
    page.get_by_role("link", name="Updates").click()
    expect(page.get_by_role("heading", name="Updates")).to_be_visible()
    page.get_by_role("link", name="Messages").click()
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    wait_for_text(page, 400)


def test_two_sessions_at_once_do_not_mix(chromium: Browser, app_url: str) -> None:
    pages = [chromium.new_page() for _ in range(2)]
    errors = [watch_errors(page) for page in pages]
    for page, subject in zip(pages, ("Apples", "Violins"), strict=True):
        page.goto(f"{app_url}/messages?autorun=1&model=scripted&ttft_ms=50&tokens_per_s=100&prompt={subject}")
    for page in pages:
        expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    first, second = (answer(page) for page in pages)
    assert "Apples" in first
    assert "Violins" not in first
    assert "Violins" in second
    assert "Apples" not in second
    assert errors == [[], []]
    for page in pages:
        page.close()


def test_model_output_loads_no_image_and_no_html(page: Page, app_url: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hostile = "%21%5Bx%5D(http%3A%2F%2F127.0.0.1%3A9%2Fleak.png)%3Cimg%20src%3Dhttp%3A%2F%2F127.0.0.1%3A9%2Fb.png%3E"
    page.goto(f"{app_url}/messages?{QUICK}&prompt={hostile}")
    expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    assert "leak.png" in answer(page)
    assert not [url for url in asked if "127.0.0.1:9/" in url]


def test_the_health_route_answers(app_url: str) -> None:
    answered = httpx.get(f"{app_url}/healthz")
    assert answered.status_code == 200
    assert answered.json()["status"] == "ok"


@pytest.mark.parametrize(("name", "scheme"), [("", "light"), ("", "dark"), ("combined", "dark")])
def test_axe_finds_no_serious_violation_of_ours(page: Page, app_url: str, name: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{app_url}/{name}?{QUICK}" if name else app_url)
    expect(page.get_by_role("heading").first).to_be_visible()
    if name:
        expect(state(page, "Completed")).to_be_visible(timeout=30_000)
    assert serious_violations(page) == {}


def test_a_hostile_prompt_reaches_nobody(page: Page, app_url: str) -> None:
    hostile = (
        'Tea <img src="http://evil.example/a.png" onerror="window.hacked=1"> ![b](http://evil.example/b.png) '
        "<script>window.hacked=1</script> [c](javascript:window.hacked=1)"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).hostname or ""))
    for name in ("combined", "values"):
        page.goto(f"{app_url}/{name}?{QUICK}&graph=chat&prompt={quote(hostile)}")
        expect(state(page, "Completed")).to_be_visible(timeout=30_000)
        settled(page)
        assert "evil.example" not in asked
        assert page.evaluate("window.hacked") is None
        assert page.locator("img[src*=evil], a[href^=javascript]").count() == 0


def test_a_typed_key_is_in_no_address_and_in_no_part_of_the_page_but_its_field(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/messages?model=compatible")
    page.get_by_role("button", name="Model settings").click()
    page.get_by_label("Model name", exact=True).fill("llama3.2")
    page.get_by_label("API key", exact=True).fill(PLANTED)
    assert page.get_by_label("API key", exact=True).get_attribute("type") == "password"
    page.get_by_label("API key", exact=True).press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(state(page, "Failed")).to_be_visible(timeout=30_000)
    settled(page)
    assert PLANTED not in page.url
    outside = page.evaluate(WITHOUT_FIELDS)
    assert PLANTED not in outside
