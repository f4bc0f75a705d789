"""The run store with up to 100,000 runs: time of its queries, time of the page, and memory.

Run it with `python -m bench.store`; it uses a temporary folder.
"""

import argparse
import logging
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from streaming.analysis.gap_histogram import histogram_of
from streaming.recordings.format import Header
from streaming.services import get_services
from streaming.storage.schema import runs as table

OWNERS = 50
BATCH = 5000


def fill(runs: int) -> None:
    """Insert this number of completed runs, spread over models, graphs, owners and a year."""
    rng = random.Random(0)
    now = time.time()
    engine = get_services().run_store.connect()
    for start in range(0, runs, BATCH):
        rows = [_row(number, rng, now) for number in range(start, min(start + BATCH, runs))]
        with engine.begin() as connection:
            connection.execute(sa.insert(table), rows)


def _row(number: int, rng: random.Random, now: float) -> dict[str, object]:
    graph, model = rng.choice(["joke", "chat", "rag", "report"]), rng.choice(["a", "b", "c"])
    ttft_s, e2e_s = rng.lognormvariate(-1, 0.6), rng.random() * 5
    created_at = now - rng.random() * 3.15e7
    header = Header(
        run_id=str(number),
        created_at="",
        graph=graph,
        provider="scripted",
        model=model,
        modes=("messages",),
        prompt="x" * 60,
    )
    return {
        "id": f"run-{number}", "owner": f"owner-{number % OWNERS}", "created_at": created_at, "heartbeat_at": now,
        "ended_at": created_at + ttft_s + e2e_s, "status": "Completed", "reason": "", "error": "", "graph": graph,
        "provider": "scripted", "model": model, "modes": "messages", "api": "stream modes", "flush": "blocks",
        "temperature": 0.2, "max_tokens": 200, "header": asdict(header), "wait_s": 0.01, "ttft_s": ttft_s,
        "e2e_s": ttft_s + e2e_s, "tpot_s": 0.02, "itl_p50_s": 0.02, "itl_p95_s": 0.03, "itl_p99_s": 0.05,
        "tokens_per_s": 50.0, "gap_histogram": histogram_of(rng.lognormvariate(-4, 0.5) for _ in range(100)),
        "chunks": 100, "output_tokens": 100, "events": 120, "bytes": 70_000, "bytes_by_mode": {"messages": 70_000},
        "log_bytes": 0,
    }  # fmt: skip


def refill(runs: int) -> None:
    """Replace all stored runs by this number of new ones."""
    with get_services().run_store.connect().begin() as connection:
        connection.execute(sa.delete(table))
    fill(runs)


def median_ms(work: Callable[[], object], times: int = 5) -> float:
    """The median duration of several calls, in milliseconds."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        durations.append((time.perf_counter() - start) * 1000)
    return statistics.median(durations)


def page_ms() -> float:
    """The median duration of the script of /runs from start to end, without a browser, in milliseconds."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(Path(__file__).parents[1] / "components" / "main.py"), default_timeout=120).run()
    app.switch_page("pages/runs.py").run()
    assert not app.exception, app.exception
    return median_ms(app.run, times=3)


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    arguments = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STREAMING_LAB_DATA_DIR"] = folder
        os.environ.pop("DATABASE_URL", None)

        store = get_services().run_store
        print("stored runs  count (ms)  newest 5,000 (ms)  of one owner (ms)  /runs (ms)  peak memory (MB)")
        for runs in (100, 5_000, arguments.runs):
            refill(runs)
            assert store.count() == runs
            counted, newest, owned, page = (
                median_ms(store.count),
                median_ms(lambda: store.newest(5000)),
                median_ms(lambda: store.newest(5000, owner="owner-7")),
                page_ms(),
            )
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(
                f"{runs:>11,} {counted:>11.1f} {newest:>18.0f} {owned:>18.1f} {page:>11.0f} {peak:>17.0f}", flush=True
            )


if __name__ == "__main__":
    main()
