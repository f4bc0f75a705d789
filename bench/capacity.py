"""What a server carries: runs of many sessions at a high speed, each followed, beside the health check and Stop.

`python -m bench.capacity` starts the server's routes and the runs in a process of its own, and measures from here:
tokens per second that arrive, the times of `/healthz`, how long after Stop a run ends, and how many runs wait.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import connect

from graphs import GRAPHS
from streaming.config.settings import Settings
from streaming.core.garbage import GarbageCollection
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.http.routes import api_routes
from streaming.http.websocket import PATH
from streaming.services import Services

VIEWS = ["text", "figures", "lanes", "spans"]


async def serve(sessions: int, per_s: float, seconds: float) -> None:
    """Serve the routes until the input ends; start the runs when a line comes, and print their ids."""
    with tempfile.TemporaryDirectory() as folder:
        services = Services(Settings(data_dir=Path(folder), log_format="off", api_per_minute=1_000_000))
        app = Starlette(routes=list(api_routes(services, local_only=lambda: True)))
        config = uvicorn.Config(app, port=0, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - a benchmark
            await asyncio.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        garbage = GarbageCollection(busy=lambda: services.engine.queue_stats.running > 0)
        garbage.start()
        pace = Pace(ttft_ms=300, tokens_per_s=per_s, jitter=0, tokens=int(per_s * seconds))
        model = ModelSpec(provider="scripted", pace=pace)
        runs = [
            services.engine.start(
                RunRequest(
                    graph=GRAPHS["chat"],
                    model=model,
                    modes=("messages", "tasks"),
                    prompt="Hello",
                    limits=Limits(max_tokens=None, events=None, bytes=None),
                    labels={"owner": f"session-{number}"},
                )
            )
            for number in range(sessions)
        ]
        for run in runs:
            services.run_writer.record(run)
        print(json.dumps([run.id for run in runs]), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        server.should_exit = True
        await serving
        garbage.close()
        services.close()


class Counts:
    """What the followers have received."""

    def __init__(self) -> None:
        self.tokens = 0
        self.waiting: set[str] = set()
        self.stopped: list[float] = []


async def follow(port: int, run_id: str, counts: Counts, stopped_at: dict[str, float]) -> None:
    """Follow one run as a browser does, until it is over."""
    async with connect(f"ws://127.0.0.1:{port}{PATH}", compression=None, max_size=None) as socket:
        await socket.send(json.dumps({"follow": run_id, "views": VIEWS}))
        async for message in socket:
            for patch in json.loads(message).get("p", ()):
                if patch[0] == "text":
                    counts.tokens += max(1, patch[2].count(" "))
                elif patch[0] == "run" and "notice" in patch[1]:
                    waits = "Server busy" in (patch[1]["notice"] or "")
                    (counts.waiting.add if waits else counts.waiting.discard)(run_id)
                elif patch[0] == "over":
                    if run_id in stopped_at:
                        counts.stopped.append(time.monotonic() - stopped_at[run_id])
                    return


async def measure(sessions: int, per_s: float, seconds: float) -> dict[str, Any]:
    """The figures of one load; times in milliseconds."""
    command = [sys.executable, "-m", "bench.capacity", "--serve", str(sessions), str(per_s), str(seconds)]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdin is not None
    port = int(await process.stdout.readline())
    counts, stopped_at, health = Counts(), dict[str, float](), list[float]()
    most_waiting = 0
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        for _ in range(5):
            await client.get("/healthz")
        process.stdin.write(b"\n")
        ids = json.loads(await process.stdout.readline())
        followers = [asyncio.create_task(follow(port, run_id, counts, stopped_at)) for run_id in ids]
        await asyncio.sleep(2)
        begin, tokens = time.monotonic(), counts.tokens
        while time.monotonic() - begin < seconds - 4:
            asked = time.monotonic()
            await client.get("/healthz")
            health.append(time.monotonic() - asked)
            most_waiting = max(most_waiting, len(counts.waiting))
            if len(health) % 10 == 0 and (running := [name for name in ids if name not in stopped_at][:1]):
                stopped_at[running[0]] = time.monotonic()
                await client.delete(f"/api/runs/{running[0]}")
            await asyncio.sleep(0.1)
        rate = (counts.tokens - tokens) / (time.monotonic() - begin)
        for task in followers:
            task.cancel()
        await asyncio.gather(*followers, return_exceptions=True)
    with suppress(ProcessLookupError):
        process.terminate()
    await process.wait()
    return {
        "sessions": sessions,
        "asked for": int(sessions * per_s),
        "tokens/s": int(rate),
        "waiting": most_waiting,
        **{f"healthz p{q}": _ms(health, q) for q in (50, 95, 100)},
        **{f"stop p{q}": _ms(counts.stopped, q) for q in (50, 100)},
    }


def _ms(values: list[float], q: int) -> float | None:
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, len(ordered) * q // 100)], 1) if ordered else None


def main() -> None:
    """Print a row for each number of sessions, or serve."""
    parser = argparse.ArgumentParser(prog="python -m bench.capacity", description=__doc__)
    parser.add_argument("sessions", nargs="*", type=int, default=[2, 8, 30])
    parser.add_argument("--per-s", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=14)
    parser.add_argument("--serve", nargs=3, type=float)
    arguments = parser.parse_args()
    if arguments.serve:
        sessions, per_s, seconds = arguments.serve
        asyncio.run(serve(int(sessions), per_s, seconds))
        return
    for sessions in arguments.sessions:
        print(json.dumps(asyncio.run(measure(sessions, arguments.per_s, arguments.seconds))), flush=True)


if __name__ == "__main__":
    main()
