"""Measure from a provider's socket to the word in the browser's DOM: `python -m bench.tokens`.

A provider process streams numbered words and stamps each as it leaves; each app is a process of its own; one Chromium
shows their pages, one after the other, so the rows of a case can be compared. All times are milliseconds: *first* and
*last* are the latencies of the first and the last word, *frame* is the longest gap between two frames, *shift* the sum
of layout shifts, *CPU* the microseconds of the app's server for each word.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from bench.tokens import chart, engine, followers, report
from bench.tokens.latencies import Result
from bench.tokens.measure import Case, measure_case
from bench.tokens.report import Report
from bench.tokens.stop import stop_ms
from bench.tokens.targets import APP_PAGES, PEER_PAGES, REFERENCE, AppPage, Servers, Target, servers
from bench.tokens.words import Answer
from streaming.rendering.flush import FLUSH_KINDS
from tools.find_browser import installed_browser

FLAGS = ("--no-sandbox", "--disable-gpu")
CASES = (
    Case(title="300 words at 100/s", answer=Answer(words=300, rate=100)),
    Case(title="1,000 words at 300/s", answer=Answer(words=1000, rate=300)),
    Case(title="3,000 words at 1,000/s", answer=Answer(words=3000, rate=1000)),
    Case(title="4,000 words at 2,000/s", answer=Answer(words=4000, rate=2000)),
    Case(title="8 tabs at 50/s", answer=Answer(words=300, rate=50), tabs=8),
    Case(title="16 tabs at 50/s", answer=Answer(words=300, rate=50), tabs=16),
)
LONG = Case(title="20,000 words at 1,000/s", answer=Answer(words=20_000, rate=1000))
QUICK = (CASES[0], Case(title="1,000 words at 1,000/s", answer=Answer(words=1000, rate=1000)))
WARM_UP = Case(title="warm up", answer=Answer(words=50, rate=100))
PACES = (100, 1000, 0)


def measured(browser: Browser, running: Servers, target: Target, case: Case) -> Result | None:
    """The result, or `None` if the page did not show all words in time."""
    try:
        return measure_case(browser, running, target, case)
    except Error as error:
        print(f"{target.name}: {str(error).splitlines()[0]}")
        return None


def compare(browser: Browser, running: Servers, targets: Sequence[Target], case: Case) -> dict[str, Result | None]:
    """Measure a case on all targets, the reference first, and print the rows."""
    print(report.case_head(case), flush=True)
    found: dict[str, Result | None] = {}
    for target in targets:
        found[target.name] = measured(browser, running, target, case)
        print(report.row(target.name, found[target.name], found.get(REFERENCE)), flush=True)
    return found


def targets_of(flushes: Sequence[str], *, peers: bool) -> Iterator[Target]:
    """The reference, this app's pages, and the peers whose environments exist."""
    yield PEER_PAGES[0]
    yield from APP_PAGES
    for flush in flushes:
        yield from (AppPage(path=page.path, flush=flush) for page in APP_PAGES)
    for target in PEER_PAGES[1:] if peers else ():
        if sentence := Servers.missing(target.server):
            print(sentence)
        else:
            yield target


def run(arguments: argparse.Namespace, browser: Browser, running: Servers) -> Report:
    """Measure everything that the arguments ask for."""
    quick, found = arguments.quick, Report()
    targets = list(targets_of(arguments.flushes, peers=not quick))
    for target in targets:
        measured(browser, running, target, WARM_UP)
    for case in QUICK if quick else (case for case in CASES if named(case, arguments.cases)):
        found.cases[case.title] = compare(browser, running, targets, case)
    if not quick and named(LONG, arguments.cases):
        found.cases[LONG.title] = compare(browser, running, APP_PAGES, LONG)
    if not arguments.cases:
        measure_rest(found, running, browser, quick=quick)
    return found


def named(case: Case, parts: Sequence[str]) -> bool:
    """Whether the title has one of these parts; all cases do where none is given."""
    return not parts or any(part in case.title for part in parts)


def measure_rest(found: Report, running: Servers, browser: Browser, *, quick: bool) -> None:
    """Measure what is no case of words in a page: Stop, the engine, and followers."""
    found.stop_ms = stop_ms(browser, running, 3 if quick else 10)
    print(f"\n{report.stop_line(found.stop_ms)}\n", flush=True)
    for rate in PACES[1:] if quick else PACES:
        pace = f"{rate}/s" if rate else "unlimited"
        answer = Answer(words=2000 if quick or rate == 0 else 10 * rate, rate=rate)
        url = running["provider"].url
        found.engine[pace] = {name: engine.cost(name, url, answer) for name in ("bare", "engine")}
        print("\n".join(report.engine_lines(pace, found.engine[pace])), flush=True)
    numbers = (1, 10) if quick else (0, 1, 10, 100)
    found.followers = followers.costs(numbers, tokens=200 if quick else 600, per_s=100)
    print("\n" + "\n".join(report.follower_lines(found.followers)), flush=True)


def main() -> None:
    """Print the measurements, and save them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two cases on this app and st.write_stream only")
    parser.add_argument("--flushes", nargs="+", default=[], choices=FLUSH_KINDS, help="other flush strategies as well")
    parser.add_argument("--cases", nargs="+", default=[], help="only the cases with one of these texts in their titles")
    parser.add_argument("--save", action="store_true", help="write bench/results.json and the charts in docs/")
    arguments = parser.parse_args()
    # Ended from outside, the servers stop too: each has a process group of its own.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        servers(Path(folder)) as running,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=installed_browser(), args=FLAGS)
        found = run(arguments, browser, running)
        browser.close()
    if arguments.save:
        found.save()
        chart.draw()


if __name__ == "__main__":
    main()
