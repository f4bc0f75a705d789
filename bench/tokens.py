"""How fast tokens reach the screen: `python -m bench.tokens`.

A real server and a real Chromium on this machine. The scripted model writes numbered words, one per token, in
paragraphs of forty. Latency is the time from a token's entry in the run's log to its word in the page's DOM; bytes are
all bytes that the page's WebSockets received during the run. Each row is compared with its peer, drawing the whole text
with every token, in the same session; the ratio is the peer's figure divided by the row's.
"""

import argparse
import logging
import re
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, islice
from unittest.mock import patch

import uvicorn
from langchain_core.messages import BaseMessage
from playwright.sync_api import Browser, Page, sync_playwright

from streaming.core.events import Token
from streaming.core.run import Run
from streaming.projections.metrics import percentile
from streaming.services import get_services
from tests.support.app_server import free_port
from tools.find_browser import installed_browser

PEER = "every token"
RUN_IN_URL = re.compile(r"[?&]run=([\w-]+)")
WORD = re.compile(r"w(\d{4})")
WATCH = """
(() => {
  window.seen = []; window.received = 0;
  const Real = window.WebSocket;
  window.WebSocket = class extends Real {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", (e) => {
        window.received += e.data.byteLength ?? e.data.size ?? e.data.length;
      });
    }
  };
  let last = -1;
  const look = () => {
    const pane = document.querySelector(".st-key-chat, .st-key-token_pane");
    const words = pane && pane.textContent.slice(-4000).match(/w\\d{4}/g);
    if (!words) return;
    const newest = Math.max(...words.map((word) => Number(word.slice(1))));
    if (newest > last) { last = newest; window.seen.push([newest, performance.timeOrigin + performance.now()]); }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
})();
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One measurement: a page, a flush strategy, tokens per second, number of tokens."""

    page: str
    flush: str
    rate: int
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Latencies in ms, bytes for each token, and the latency of the last token (ms)."""

    p50_ms: float
    p95_ms: float
    bytes_a_token: float
    behind_ms: float


def numbered(_: Sequence[BaseMessage], *, tokens: int | None = None) -> str:
    """Words w0000, w0001 … as one token each, in paragraphs of forty."""
    words = (f"{_separator(index)}w{index:04d}" for index in count())
    return "".join(islice(words, tokens or 40))


def _separator(index: int) -> str:
    return "" if index == 0 else "\n\n" if index % 40 == 0 else " "


def measure(browser: Browser, url: str, case: Case) -> Result:
    """Run one case in a fresh page."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(WATCH)
    page.goto(
        f"{url}/{case.page}?autorun=1&model=scripted&graph=chat&ttft_ms=1500&tokens_per_s={case.rate}"
        f"&tokens={case.tokens}&flush={case.flush.replace(' ', '+')}"
    )
    page.wait_for_url(RUN_IN_URL, timeout=20_000)
    before = page.evaluate("window.received")
    run = _finished(page, case)
    received = page.evaluate("window.received") - before
    seen: list[tuple[int, float]] = [tuple(pair) for pair in page.evaluate("window.seen")]
    page.close()
    return _result(run, seen, received)


def _finished(page: Page, case: Case) -> Run:
    page.wait_for_function(
        f"window.seen.length && window.seen.at(-1)[0] === {case.tokens - 1}",
        timeout=1000 * (30 + 4 * case.tokens / case.rate),
    )
    found = RUN_IN_URL.search(page.url)
    run = get_services().engine.get(found.group(1)) if found else None
    assert run is not None
    return run


def _result(run: Run, seen: list[tuple[int, float]], received: int) -> Result:
    zero = run.zero_at.timestamp() * 1000
    sent = {int(WORD.findall(text)[-1]): zero + t * 1000 for text, t in _texts(run)}
    latencies = []
    shown = iter(seen)
    newest, shown_at = next(shown)
    for word in sorted(sent):
        while newest < word:
            newest, shown_at = next(shown)
        latencies.append(shown_at - sent[word])
    ordered = sorted(latencies)
    return Result(
        p50_ms=statistics.median(ordered),
        p95_ms=percentile(ordered, 95) or 0.0,
        bytes_a_token=received / len(sent),
        behind_ms=latencies[-1],
    )


def _texts(run: Run) -> Iterator[tuple[str, float]]:
    for entry in run.events:
        if isinstance(entry.event, Token) and WORD.search(entry.event.text):
            yield entry.event.text, entry.t


@contextmanager
def served() -> Iterator[str]:
    """Serve the app in this process, so that the runs' logs can be read; gives its URL."""
    from app import app

    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def cases(pages: Sequence[str], flushes: Sequence[str]) -> Iterator[Case]:
    """300 tokens at 100/s and 3,000 at 1,000/s, on each page."""
    for page in pages:
        for rate, tokens in ((100, 300), (1000, 3000)):
            for flush in (PEER, *flushes):
                yield Case(page=page, flush=flush, rate=rate, tokens=tokens)


def _line(case: Case, result: Result, peer: Result) -> str:
    ratio = f"{peer.p95_ms / result.p95_ms:6.1f}x {peer.bytes_a_token / result.bytes_a_token:6.1f}x"
    return (
        f"/{case.page:<10} {case.flush:<16} {case.rate:>6}/s {result.p50_ms:>8.0f} {result.p95_ms:>8.0f} "
        f"{result.bytes_a_token:>9.0f} {result.behind_ms:>9.0f}   {ratio}"
    )


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", nargs="+", default=["messages", "combined"])
    parser.add_argument("--flushes", nargs="+", default=["direct", "blocks", "st.write_stream"])
    args = parser.parse_args()
    path = installed_browser()
    print(
        "page        flush              rate    p50 ms   p95 ms   B/token  last (ms)   p95 and bytes against the peer"
    )
    logging.disable()
    with (
        patch("streaming.providers.scripted.model.answer_for", numbered),
        served() as url,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        measure(browser, url, Case(page="messages", flush="blocks", rate=100, tokens=50))
        peer: Result | None = None
        for case in cases(args.pages, args.flushes):
            result = measure(browser, url, case)
            peer = result if case.flush == PEER or peer is None else peer
            print(_line(case, result, peer), flush=True)
        browser.close()


if __name__ == "__main__":
    main()
