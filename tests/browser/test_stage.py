"""What moves comes first: the live view is in sight right after Run, and nothing on a page moves by itself."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PROJECTOR, PHONE = (1280, 720), (390, 844)
LIVE = {
    "combined": ".st-key-token_pane",
    "lanes": ".st-key-mode_lanes .sl-stage",
    "messages": ".st-key-answer",
    "values": ".st-key-state",
    "tasks": ".st-key-timeline",
    "checkpoints": ".st-key-checkpoints",
    "parallel": ".st-key-branches",
    "interrupts": ".st-key-token_pane",
    "faults": ".st-key-token_pane",
}
MAX_SHIFT_ON_LOAD, MAX_SHIFT_IN_A_RUN = 0.02, 0.005
RUN = "model=scripted&ttft_ms=300&tokens_per_s=200&tokens=60"
SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


GROWS = {"interrupts"}
"""An interrupt's questions appear below the text."""
ENDS = {"interrupts": "Interrupted", "faults": "Failed"}


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, PROJECTOR) for name in LIVE), *((name, PHONE) for name in ("faults", "interrupts"))],
)
def test_live_view_is_in_sight_and_nothing_moves(page: Page, app_url: str, name: str, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(SHIFTS)
    page.goto(f"{app_url}/{name}?{RUN}")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    on_load = page.evaluate("window.shifts")
    assert on_load <= MAX_SHIFT_ON_LOAD, f"the page moves while it loads: {on_load:.3f}"
    page.get_by_role("button", name="Run", exact=True).click()
    live = page.locator(LIVE[name]).first
    expect(live).to_be_visible()
    box = live.bounding_box()
    assert box is not None
    assert box["y"] < size[1] * 0.82, f"the live view begins at {box['y']:.0f} of {size[1]} pixels"
    expect(page.locator(".st-key-chip")).to_contain_text(ENDS.get(name, "Completed"))
    in_run = page.evaluate("window.shifts") - on_load
    if size == PROJECTOR and name not in GROWS:
        assert in_run <= MAX_SHIFT_IN_A_RUN, f"the page moves in a run: {in_run:.3f}"
