"""How the browser tests look at a page."""

import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

FAILURES = Path(__file__).parents[1] / "browser" / "failures"
"""Screenshots of the last session's failed tests; git ignores them."""

QUICK = "autorun=1&model=scripted&ttft_ms=20&tokens_per_s=2000"
"""The part of a page's URL that starts a run which ends in a moment."""

KNOWN_VIOLATIONS = {
    # Streamlit's own markup of the navigation's sections, and of containers with a fixed height.
    "list",
    "listitem",
    "scrollable-region-focusable",
}

COLOURS_OF_LIBRARIES = (
    # The marks of a brush are Vega's own; the colours of highlighted code are Streamlit's, and no theme changes them.
    ".brush_brush",
    ".brush_brush_bg",
    "code .token",
    # Streamlit writes in white on the primary colour, and here in the primary colour on the page: on a dark page no
    # colour has enough contrast for both.
    "[data-selected=true]",
    "[data-testid=stSliderThumbValue]",
)

# A spinner turns for ever, a shown page stays in sight by a transition that begins after days, a fade ends.
FINITE_MOVES_ARE_OVER = """() => document.getAnimations().every(
    move => move.playState !== "running" || move.effect.getComputedTiming().endTime > 60_000
)"""


# The elements that are passed over are taken out of the result: to leave them out of the check, axe would look for each
# element of the page in each of them, which takes longer than the check.
FIND_VIOLATIONS = """async ([passedOver, rules]) => {
    const options = {resultTypes: ["violations"], elementRef: true, ...(rules.length ? {runOnly: rules} : {})};
    const found = {};
    for (const {id, impact, nodes} of (await axe.run(options)).violations) {
        const html = nodes.filter(node => !node.element?.closest(passedOver)).map(node => node.html.slice(0, 160));
        if (["serious", "critical"].includes(impact) && html.length) found[id] = html;
    }
    return found;
}"""


def watch_errors(page: Page) -> list[str]:
    """The list that console errors, uncaught exceptions and requests to other hosts of this page will be put on."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        if message.type == "error":
            errors.append(f"{message.text} ({where})")

    def on_request(request: Request) -> None:
        opens_a_page = request.is_navigation_request() and request.frame == page.main_frame
        target = urlsplit(request.url)
        if not opens_a_page and target.scheme not in ("data", "blob") and target.netloc != urlsplit(page.url).netloc:
            errors.append(f"request to another host: {request.url}")

    page.on("console", on_console)
    page.on("request", on_request)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def state(page: Page, word: str) -> Locator:
    """The run's one word of state."""
    return page.locator(".st-key-run_panel").get_by_text(word, exact=True)


_TURNS = "[...document.querySelectorAll('.st-key-chat .stChatMessage')].map((turn) => turn.innerText).join('\\n')"


def chat_text(page: Page) -> str:
    """The text of all turns, without what is said beside them."""
    return str(page.evaluate(_TURNS))


def wait_for_answer(page: Page, length: int) -> str:
    """The text of all turns, once it has at least this many characters."""
    page.wait_for_function(f"{_TURNS}.length >= {length}")
    return chat_text(page)


def look_for(page: Page, *conditions: str) -> None:
    """Have the page look at each of its changes: `saw` waits until each condition was true in one of them.

    What is only there for a moment may be over when a busy test looks.
    """
    page.evaluate(f"""() => {{
        window.seen = new Set();
        const conditions = [{", ".join(f"() => {condition}" for condition in conditions)}];
        const look = () => conditions.forEach((holds) => holds() && seen.add(holds));
        const all = {{ subtree: true, childList: true, characterData: true, attributes: true }};
        new MutationObserver(look).observe(document.body, all);
        window.sawAll = () => seen.size === conditions.length;
    }}""")


def saw(page: Page) -> None:
    """Wait until all that `look_for` looks for was there."""
    page.wait_for_function("sawAll()")


def run_id(page: Page) -> str:
    """The id of the page's run, once the URL holds one."""
    page.wait_for_url(re.compile(r"[?&]run="))
    found = re.search(r"[?&]run=([\w.-]+)", page.url)
    assert found
    return found.group(1)


def take_screenshot(page: Page, test: str) -> Path:
    """A picture of the page in the folder of failures, named after the test."""
    path = FAILURES / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', test).strip('-')[:120]}.png"
    page.screenshot(path=path)
    return path


def settled(page: Page) -> None:
    """Wait until the page's script has run, every element has loaded, and nothing fades: what is stale is pale."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1, timeout=30_000)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    expect(page.locator("[data-testid^=stSkeleton]:visible")).to_have_count(0, timeout=30_000)
    page.wait_for_function(FINITE_MOVES_ARE_OVER)


def serious_violations(page: Page, *, rules: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """What axe finds serious or critical, and is not Streamlit's own; the elements by the name of the rule.

    Without `rules` all of axe's are checked.
    """
    settled(page)
    if not page.evaluate("!!window.axe"):
        page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    passed_over = ", ".join(("[aria-busy=true]", *COLOURS_OF_LIBRARIES))
    found: dict[str, list[str]] = page.evaluate(FIND_VIOLATIONS, [passed_over, list(rules)])
    return {rule: elements for rule, elements in found.items() if rule not in KNOWN_VIOLATIONS}


def check_finished_page(page: Page) -> None:
    """What holds for a page whose run is over: it has the whole navigation, and is accessible in light and dark."""
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.get_by_role("link", name="Combined").first).to_be_visible()
    expect(page).to_have_title(re.compile(".+ · Streaming Lab"))
    check_accessible(page)


def check_accessible(page: Page) -> None:
    """The page as it is now is accessible in light and dark."""
    violations = serious_violations(page)
    assert violations == {}, f"axe in the light scheme: {violations}"
    page.emulate_media(color_scheme="dark")
    violations = serious_violations(page, rules=("color-contrast",))
    assert violations == {}, f"axe in the dark scheme: {violations}"
    page.emulate_media(color_scheme="light")
