"""How the history behaves with 100,000 runs: reading it, the page, and memory, against smaller ones.

Run it with `python -m bench.store`; it works in a folder of its own.
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

from streaming.services import get_services


def fill(runs: int) -> None:
    """Rows as runs leave them, spread over models, graphs and a year."""
    from streaming.recordings.format import Header, environment
    from streaming.storage.schema import runs as table

    draw = random.Random(0)
    now = time.time()
    engine = get_services().run_store._engine
    for start in range(0, runs, 5000):
        rows = []
        for number in range(start, min(start + 5000, runs)):
            graph, model = draw.choice(["joke", "chat", "rag", "report"]), draw.choice(["a", "b", "c"])
            ttft = draw.lognormvariate(-1, 0.6)
            header = Header(
                run_id=str(number),
                created_at="",
                graph=graph,
                provider="scripted",
                model=model,
                modes=("messages",),
                prompt="x" * 60,
                environment=environment(),
            )
            row = {
                "id": f"run-{number}", "owner": "", "created_at": now - draw.random() * 3.15e7, "beat_at": now,
                "status": "Completed", "reason": "", "error": "", "graph": graph, "provider": "scripted",
                "model": model,
                "modes": "messages", "api": "stream modes", "flush": "blocks", "temperature": 0.2, "max_tokens": 200,
                "header": asdict(header), "ttft_s": ttft, "e2e_s": ttft + draw.random() * 5, "tpot_s": 0.02,
                "itl_p50_s": 0.02, "itl_p95_s": 0.03, "itl_p99_s": 0.05, "tokens_per_s": 50.0, "chunks": 100,
                "output_tokens": 100, "events": 120, "bytes": 70_000, "bytes_by_mode": {"messages": 70_000},
                "log_bytes": 0,
            }  # fmt: skip
            rows.append(row)
        with engine.begin() as connection:
            connection.execute(sa.insert(table), rows)


def refill(runs: int) -> None:
    """So many runs, and no others."""
    from streaming.storage.schema import runs as table

    with get_services().run_store._engine.begin() as connection:
        connection.execute(sa.delete(table))
    fill(runs)


def median_ms(work: Callable[[], object], times: int = 5) -> float:
    """The median of several calls, in milliseconds."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def page_ms() -> float:
    """The script of /runs from start to end, without a browser."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(Path(__file__).parents[1] / "components" / "main.py"), default_timeout=120).run()
    app.switch_page("pages/runs.py").run()
    assert not app.exception, app.exception
    return median_ms(app.run, times=3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    given = parser.parse_args()
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STREAMING_LAB_DATA"] = folder
        os.environ.pop("DATABASE_URL", None)

        print("stored runs    count (ms)   newest 5,000 (ms)   /runs (ms)   peak memory (MB)")
        for runs in (100, 5_000, given.runs):
            refill(runs)
            assert get_services().run_store.count() == runs
            counted, read, page = (
                median_ms(get_services().run_store.count),
                median_ms(lambda: get_services().run_store.newest(5000)),
                page_ms(),
            )
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
            print(f"{runs:>11,} {counted:>13.1f} {read:>19.0f} {page:>12.0f} {peak:>18.0f}", flush=True)


if __name__ == "__main__":
    main()
