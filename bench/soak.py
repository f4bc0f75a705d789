"""A soak test: ten minutes of real connections, random faults, slow and fast followers, restarts and stops.

`python -m bench.soak` prints one line a minute and a result: runs started and ended, errors found in logs and texts,
and the growth of resident memory, threads and open files from the second minute to the last. `--minutes` shortens it.
"""

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from graphs import GRAPHS
from streaming.core.events import Ended
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.catalogue import FAULTS, WHENS
from streaming.faults.plan import FaultPlan
from streaming.faults.server import Endpoint, FaultServer
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime.engine import Engine
from streaming.runtime.registry import RegistryLimits
from streaming.storage.run_store import RunStore
from streaming.storage.run_writer import RunWriter

SESSIONS = 12
LIMITS = Limits(run_s=20, ttft_s=1, idle_s=1, events=3000, bytes=3_000_000, runs_per_minute=None)
RETRIES = RetryPolicy(initial_backoff_s=0.1)
REGISTRY = RegistryLimits(runs_per_owner=10, age_s=20)


@dataclass(slots=True)
class Counts:
    """What happened so far."""

    started: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    broken_logs: int = 0
    foreign_text: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def one_run(
    engine: Engine, server: FaultServer, writer: RunWriter, owner: str, rng: random.Random, counts: Counts
) -> None:
    """A run of some graph on a provider with some fault, followed quickly, slowly or not to its end."""
    plan = FaultPlan(
        fault=rng.choice(list(FAULTS)),
        when=rng.choice(WHENS),
        times=rng.choice((0, 1, 2)),
        seed=rng.randrange(10_000),
        calls=2,
        ttft_s=0.05,
        tokens_per_s=400,
        retry_after_s=0.1,
        hold_s=3,
        byte_s=0,
        giant_bytes=1_000_000,
    )
    endpoint = server.open(plan)
    scripted = ModelSpec(provider="scripted", pace=Pace(ttft_ms=50, tokens_per_s=400))
    remote = ModelSpec(provider="compatible", base_url=endpoint.base_url, model="fault-lab", max_tokens=200)
    request = RunRequest(
        graph=GRAPHS[rng.choice(("joke", "chat", "rag", "ideas"))],
        model=scripted if rng.random() < 0.3 else remote,
        modes=rng.choice((("messages",), ("messages", "updates", "tasks"), ("values", "messages"))),
        prompt="A soak",
        limits=LIMITS,
        retry_policy=RETRIES if rng.random() < 0.5 else RetryPolicy(initial_backoff_s=0.1, restart=True),
        labels={"owner": owner},
    )
    run = engine.start(request, api_key="k")
    writer.record(run)
    with counts.lock:
        counts.started += 1
    follow(run, rng)
    check(run, endpoint, counts)


def follow(run: Run, rng: random.Random) -> None:
    """Follow the run to its end; some followers are slow, and some stop the run."""
    slow, stops = rng.random() < 0.3, rng.random() < 0.1
    for batch in run.follow():
        if slow:
            time.sleep(0.2)
        if stops and batch:
            run.cancel()


def check(run: Run, endpoint: Endpoint, counts: Counts) -> None:
    """Check that the log has one end event, at its end, and no gap, and that the server sent all of the text."""
    events = run.events
    ends = [entry.seq for entry in events if isinstance(entry.event, Ended)]
    complete = ends == [len(events) - 1] and [entry.seq for entry in events] == list(range(len(events)))
    texts = [message.text for message in apply_all(Messages(), events).answers()]
    sent = endpoint.sent
    sent_all = run.request.model.provider == "scripted" or all(any(s.startswith(text) for s in sent) for text in texts)
    with counts.lock:
        counts.ended[run.status] += 1
        counts.broken_logs += not complete
        counts.foreign_text += not sent_all


def session(engine: Engine, server: FaultServer, writer: RunWriter, seed: int, counts: Counts, until: float) -> None:
    """Start one run of this session after the other until this monotonic time."""
    rng = random.Random(seed)
    while time.monotonic() < until:
        one_run(engine, server, writer, f"session-{seed}", rng, counts)


def resource_usage() -> tuple[float, int, int]:
    """Resident memory in MB, threads, open files (Linux; zeros elsewhere)."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0, threading.active_count(), 0
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, threading.active_count(), len(os.listdir("/proc/self/fd"))


def run_sessions(minutes: float) -> int:
    """Run the test; 1 if a run was lost, a log is broken or a text is damaged, else 0."""
    counts, started_at = Counts(), time.monotonic()
    until = started_at + 60 * minutes
    usages: list[tuple[float, int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(registry_limits=REGISTRY, checkpointer_url=f"sqlite:///{folder}/threads.sqlite")
        store, server = RunStore(f"sqlite:///{folder}/runs.sqlite"), FaultServer()
        writer = RunWriter(store)
        workers = [
            threading.Thread(target=session, args=(engine, server, writer, seed, counts, until), daemon=True)
            for seed in range(SESSIONS)
        ]
        for worker in workers:
            worker.start()
        while any(worker.is_alive() for worker in workers):
            time.sleep(min(60.0, max(1.0, 6 * minutes)))
            usages.append(resource_usage())
            memory, threads, files = usages[-1]
            print(
                f"{(time.monotonic() - started_at) / 60:5.1f} min  {counts.started:6,} runs  {dict(counts.ended)}  "
                f"{memory:.0f} MB  {threads} threads  {files} files",
                flush=True,
            )
        writer.flush()
        stored = store.count()
        engine.close()
        writer.close()
        store.close()
        server.close()
    ended = sum(counts.ended.values())
    second, last = usages[min(1, len(usages) - 1)], usages[-1]
    print(
        f"started {counts.started:,}, ended {ended:,}, stored {stored:,}; broken logs {counts.broken_logs}, "
        f"runs with text that the server did not send {counts.foreign_text}\n"
        f"memory {second[0]:.0f} → {last[0]:.0f} MB ({last[0] / second[0] if second[0] else 1:.2f}×), "
        f"threads {second[1]} → {last[1]}, open files {second[2]} → {last[2]}"
    )
    return int(ended != counts.started or stored != counts.started or bool(counts.broken_logs or counts.foreign_text))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    sys.exit(run_sessions(parser.parse_args().minutes))
