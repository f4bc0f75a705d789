"""The client for browsers, as the page shows it, in a real browser against the real server."""

import json
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from graphs import GRAPHS
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.http.run_routes import facts_of
from streaming.services import Services
from streaming.wires.ag_ui_checker import ag_ui_violations
from streaming.wires.base import wire_events
from streaming.wires.catalogue import WIRE_NAMES, WIRES, WireName
from streaming.wires.clients import client_code
from tests.support.cut_server import serving_cuts
from tests.support.wire_logs import SHIPPED

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


@pytest.mark.parametrize("wire", WIRE_NAMES)
def test_an_event_source_reads_every_recording_though_it_is_cut_after_every_event(
    context: BrowserContext, services: Services, wire: WireName
) -> None:
    """The browser comes back by itself, here a millisecond after each cut. The names of LangGraph's events of subgraphs
    hold ids, so no `EventSource` can listen to them, which the page says."""

    async def recording(request: Request) -> JSONResponse:
        return JSONResponse({"id": runs[(await request.json())["prompt"]].id})

    routes = (Route("/api/runs", recording, methods=["POST"]), Route("/", lambda _: HTMLResponse("")))
    # No page of the fixture: it takes a cut, which the console shows, for a fault.
    page: Any = context.new_page()
    with serving_cuts(services, SHIPPED, routes, retry_ms=1) as (base, runs, cuts):
        page.goto(base)
        for name, run in runs.items():
            code = client_code("EventSource", wire, replace(REQUEST, prompt=name), base=base)
            found = page.evaluate(f"(async () => {{ {code}\n return events; }})()")
            expected = list(wire_events(WIRES[wire].make(facts_of(run)), run.events))
            assert found == [event.data for event in expected if "|" not in event.name]
            # Now and then the browser drops the event before a cut too, and asks for it again.
            assert cuts[f"/api/runs/{run.id}/events?as={wire}"] >= len(expected) - 1
    page.close()
