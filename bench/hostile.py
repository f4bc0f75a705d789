"""Hostile providers for some minutes, while another visitor streams: nothing of the server grows, nobody waits.

`python -m bench.hostile --minutes 10` runs every behaviour of `tests.support.raw_behaviours`, and every fault of
`tests.support.raw_faults` at each place of an answer, again and again, from a process of its own, in several sessions
at a time. A row a minute: runs by their end, memory, threads, open files, and the visitor's gaps between two pieces of
text (p95 and longest, in ms; 20 ms are asked for).
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from itertools import count, pairwise

from bench.soak import resource_usage
from graphs import GRAPHS
from streaming.core.events import Token
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.runtime.engine import Engine
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter
from tests.support.raw_behaviours import AT_ONCE, COMPLETE
from tests.support.raw_faults import FAULTS, POSITIONS
from tests.support.raw_provider import RawProvider

SESSIONS = 4
LIMITS = Limits(ttft_s=0.6, idle_s=0.6, run_s=10, runs_per_minute=None)
_VISITOR = ModelSpec(provider="scripted", pace=Pace(ttft_ms=10, tokens_per_s=50, jitter=0, tokens=400))


def provide() -> None:
    """Serve every behaviour on a port of its own, until the input ends."""
    faults = [fault(begun) for fault in FAULTS.values() for begun, _ in POSITIONS.values()]
    scripts = [*COMPLETE.values(), *faults, *(script for script, _, _ in AT_ONCE.values())]
    print(json.dumps([RawProvider(script, keep_alive=False, tls=False).base_url for script in scripts]), flush=True)
    sys.stdin.read()


def attack(
    engine: Engine, writer: RunWriter, urls: list[str], turns: "count[int]", ended: Counter[str], until: float
) -> None:
    """One session: a run on one provider after the other."""
    while time.monotonic() < until:
        url = urls[next(turns) % len(urls)]
        request = RunRequest(
            graph=GRAPHS["chat"],
            model=ModelSpec(provider="compatible", base_url=url, model="m"),
            modes=("messages", "updates", "tasks"),
            prompt="Hello",
            limits=LIMITS,
            retry_policy=RetryPolicy(max_attempts=1),
        )
        run = engine.start(request, api_key="k-of-the-attacked")
        writer.record(run)
        for _ in run.follow(frame_s=0.05):
            pass
        ended[run.status] += 1


def visit(engine: Engine, gaps: list[float], until: float) -> None:
    """Another visitor: one run of the scripted model after the other, and the gaps that it sees."""
    while time.monotonic() < until:
        run = engine.start(RunRequest(graph=GRAPHS["chat"], model=_VISITOR, modes=("messages",), prompt="Hello"))
        seen = [
            time.monotonic()
            for batch in run.follow()
            if any(isinstance(entry.event, Token) and entry.event.text for entry in batch)
        ]
        gaps.extend(later - earlier for earlier, later in pairwise(seen))


def main() -> None:
    """Print a row for each part of the time."""
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rows", type=int, default=10)
    parser.add_argument("--provide", action="store_true")
    arguments = parser.parse_args()
    if arguments.provide:
        provide()
        return
    command = [sys.executable, "-m", "bench.hostile", "--provide"]
    providers = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    assert providers.stdout is not None
    urls: list[str] = json.loads(providers.stdout.readline())
    until = time.monotonic() + 60 * arguments.minutes
    ended: Counter[str] = Counter()
    gaps: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(checkpointer_url=f"sqlite:///{folder}/threads.sqlite")
        store = RunStore(f"sqlite:///{folder}/runs.sqlite")
        writer, turns = RunWriter(store), count()
        threads = [threading.Thread(target=visit, args=(engine, gaps, until))]
        threads += [
            threading.Thread(target=attack, args=(engine, writer, urls, turns, ended, until)) for _ in range(SESSIONS)
        ]
        for thread in threads:
            thread.start()
        for row in range(1, arguments.rows + 1):
            time.sleep(60 * arguments.minutes / arguments.rows)
            found, gaps[:] = sorted(gaps), []
            memory, running, files = resource_usage()
            p95 = found[len(found) * 95 // 100] * 1000 if found else 0.0
            print(
                f"{row * arguments.minutes / arguments.rows:5.1f} min  {dict(ended)}  {memory:.0f} MB  "
                f"{running} threads  {files} files  visitor p95 {p95:.0f} ms, longest "
                f"{1000 * max(found, default=0):.0f}",
                flush=True,
            )
        for thread in threads:
            thread.join()
        engine.close()
        writer.close()
        store.close()
    providers.terminate()
    print(f"{len(urls)} behaviours, {ended.total()} runs")


if __name__ == "__main__":
    main()
