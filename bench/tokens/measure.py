"""Measures one case on one target, in fresh tabs of a running browser."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from bench.tokens.latencies import Result, latencies_ms, quantile
from bench.tokens.processes import Server
from bench.tokens.provider import LEAD_S
from bench.tokens.targets import Servers, Target
from bench.tokens.words import MAX_COUNTED_RATE, Answer

WATCH = Path(__file__).with_name("watch.js").read_text()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An answer, in one or several tabs at the same time."""

    title: str
    answer: Answer
    tabs: int = 1


class _Tab:
    """A tab with its answer, and the bytes that it received."""

    def __init__(self, page: Page, model: str) -> None:
        self.page = page
        self.model = model
        self.received = 0

    def count_bytes(self) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.on("Network.webSocketFrameReceived", self._on_frame)
        session.on("Network.dataReceived", self._on_data)
        session.send("Network.enable", {"maxTotalBufferSize": 0})

    def _on_frame(self, event: dict[str, Any]) -> None:
        frame = event["response"]
        # Binary payloads (opcode 2) are reported in base64.
        self.received += len(frame["payloadData"]) * 3 // 4 if frame["opcode"] == 2 else len(frame["payloadData"])

    def _on_data(self, event: dict[str, Any]) -> None:
        self.received += event["dataLength"]

    def wait_for(self, words: int, timeout_s: float) -> None:
        self.page.wait_for_function(f"bench.last >= {words}", timeout=timeout_s * 1000, polling=100)

    def evaluate(self, script: str) -> Any:
        return self.page.evaluate(script)


def measure_case(browser: Browser, servers: Servers, target: Target, case: Case) -> Result:
    """Show the answer on the target, and measure it; raises Playwright's `TimeoutError` if words are missing."""
    server, provider = servers[target.server], servers["provider"]
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        context.set_default_timeout(30_000)
        context.add_init_script(WATCH)
        tabs = [_Tab(context.new_page(), case.answer.new_name()) for _ in range(case.tabs)]
        for tab in tabs:
            target.prepare(tab.page, server.url, provider.url, tab.model)
            tab.evaluate(f"bench.pane = {target.pane!r}")
        counted = case.answer.rate <= MAX_COUNTED_RATE and case.tabs == 1
        if counted:
            tabs[0].count_bytes()
        for tab in tabs:
            target.start(tab.page)
        return _run(tabs, server, provider, case, counted=counted)


def _run(tabs: Sequence[_Tab], server: Server, provider: Server, case: Case, *, counted: bool) -> Result:
    words, patience = case.answer.words, 30 + LEAD_S + 4 * case.answer.seconds
    for tab in tabs:
        tab.wait_for(1, patience)
    cpu, received = server.cpu_s(), tabs[0].received
    shown_before = sum(tab.evaluate("bench.last") for tab in tabs)
    for tab in tabs:
        tab.wait_for(words, patience)
    used = None if cpu is None or (now := server.cpu_s()) is None else now - cpu
    received = tabs[0].received - received
    shown = words * len(tabs) - shown_before
    latencies, first, last = [], [], []
    for tab in tabs:
        sent = httpx.get(f"{provider.url}/answers/{tab.model}").json()["sent"]
        found = latencies_ms(sent, tab.evaluate("bench.seen"))
        latencies += found
        first.append(found[0])
        last.append(found[-1])
    seen = tabs[0].evaluate("bench.seen")
    begin, end = seen[0][1], seen[-1][1]
    return Result(
        first_ms=max(first),
        p50_ms=quantile(latencies, 50),
        p95_ms=quantile(latencies, 95),
        p99_ms=quantile(latencies, 99),
        last_ms=max(last),
        bytes_a_word=received / shown if counted and shown else None,
        frame_gap_ms=max((gap for at, gap in tabs[0].evaluate("bench.gaps") if begin < at <= end), default=0.0),
        layout_shift=sum(value for at, value in tabs[0].evaluate("bench.shifts") if at > begin),
        cpu_us_a_word=used / shown * 1e6 if used is not None and shown else None,
    )
