"""How the browser tests look at a page."""

from importlib.resources import files

from playwright.sync_api import Locator, Page, expect

KNOWN_VIOLATIONS = {
    # Streamlit's own markup of the navigation's sections, and of containers with a fixed height.
    "list",
    "listitem",
    "scrollable-region-focusable",
}


def state(page: Page, word: str) -> Locator:
    """The run's one word of state."""
    return page.locator(".st-key-desk").get_by_text(word, exact=True)


def serious_violations(page: Page) -> dict[str, list[str]]:
    """What axe finds serious or critical, and is not Streamlit's own; the elements by the name of the rule."""
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text())
    # The marks of a chart's brush are Vega's own.
    passed_over = [["[aria-busy=true]"], [".brush_brush"], [".brush_brush_bg"]]
    found = page.evaluate("exclude => axe.run({exclude})", passed_over)["violations"]
    return {
        violation["id"]: [node["html"][:160] for node in violation["nodes"]]
        for violation in found
        if violation["impact"] in ("serious", "critical") and violation["id"] not in KNOWN_VIOLATIONS
    }
