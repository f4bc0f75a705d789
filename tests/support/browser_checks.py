"""How the browser tests look at a page."""

from importlib.resources import files

from playwright.sync_api import Locator, Page, expect

KNOWN_VIOLATIONS = {
    # Streamlit's own markup of the navigation's sections, and of containers with a fixed height.
    "list",
    "listitem",
    "scrollable-region-focusable",
}

# A spinner turns for ever, a fade ends.
FINITE_MOVES_ARE_OVER = """() => document.getAnimations().every(
    move => move.playState !== "running" || move.effect.getComputedTiming().endTime === Infinity
)"""


def state(page: Page, word: str) -> Locator:
    """The run's one word of state."""
    return page.locator(".st-key-desk").get_by_text(word, exact=True)


def settled(page: Page) -> None:
    """Wait until the page's script has run and nothing fades: what is stale is pale, and may yet be replaced."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1, timeout=30_000)
    expect(page.locator("[data-stale=true]")).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.wait_for_function(FINITE_MOVES_ARE_OVER)


def serious_violations(page: Page) -> dict[str, list[str]]:
    """What axe finds serious or critical, and is not Streamlit's own; the elements by the name of the rule."""
    settled(page)
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    # A brush's marks are Vega's own; the colours of highlighted code are Streamlit's, and no theme changes them.
    passed_over = [["[aria-busy=true]"], [".brush_brush"], [".brush_brush_bg"], ["code .token"]]
    found = page.evaluate("exclude => axe.run({exclude})", passed_over)["violations"]
    return {
        violation["id"]: [node["html"][:160] for node in violation["nodes"]]
        for violation in found
        if violation["impact"] in ("serious", "critical") and violation["id"] not in KNOWN_VIOLATIONS
    }
