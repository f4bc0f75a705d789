"""The client for browsers, as the page shows it, in a real browser against the real server."""

import json

import pytest
from playwright.sync_api import Page

from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.wires.ag_ui_checker import ag_ui_violations
from streaming.wires.clients import client_code

pytestmark = pytest.mark.browser

PACE = Pace(ttft_ms=0, tokens_per_s=1000.0, tokens=20)
REQUEST = RunRequest(
    graph=GRAPHS["chat"],
    model=ModelSpec(provider="scripted", pace=PACE),
    modes=("values", "messages", "tasks"),
    prompt="Hello",
)


def test_an_event_source_reads_a_whole_run_and_then_stops(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/wires")
    code = client_code("EventSource", "ag-ui", REQUEST, base=app_url)
    events = page.evaluate(f"(async () => {{ {code}\n return events; }})()")
    found = [json.loads(event) for event in events]
    assert ag_ui_violations(found) == [], "it came again after the end, and nothing was sent twice"
    assert "".join(event["delta"] for event in found if event["type"] == "TEXT_MESSAGE_CONTENT")


def test_an_event_source_takes_no_cut_for_an_event_with_the_name_error(page: Page, app_url: str) -> None:
    page.goto(f"{app_url}/wires")
    code = client_code("EventSource", "langgraph", REQUEST, base=app_url)
    events = page.evaluate(f"(async () => {{ {code}\n return events; }})()")
    assert events
    assert None not in events
