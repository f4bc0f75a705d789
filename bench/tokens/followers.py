"""The cost of the followers of one run: CPU time of the server per token, with 0, 1, 10 and 100 followers.

`python -m bench.tokens.followers` runs the server in this process and the followers in another one, with the scripted
model. A run without followers is shorter than its grace time.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import connect

from graphs import GRAPHS
from streaming.config.settings import Settings
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.http.websocket import PATH, live_route
from streaming.services import Services

VIEWS = ["text", "figures", "lanes", "spans"]


def serve(services: Services) -> tuple[uvicorn.Server, int]:
    """Serve the route on a real socket, without compression as in Streamlit; gives the server and its port."""
    app = Starlette(routes=[live_route(services)])
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False
    )
    server = uvicorn.Server(config)
    Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    return server, server.servers[0].sockets[0].getsockname()[1]


def start(services: Services, tokens: int, per_s: float) -> Run:
    """Start a run of the scripted model with this number of tokens and this speed."""
    model = ModelSpec(provider="scripted", pace=Pace(ttft_ms=2500, tokens_per_s=per_s, jitter=0, tokens=tokens))
    return services.engine.start(
        RunRequest(graph=GRAPHS["chat"], model=model, modes=("messages", "tasks"), prompt="Hello")
    )


def measure(services: Services, port: int, followers: int, tokens: int, per_s: float) -> tuple[float, float]:
    """CPU microseconds per token in this process, and bytes per token for each follower."""
    run = start(services, tokens, per_s)
    clients = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "bench.tokens.followers", "--client", f"{port}/{run.id}/{followers}"],
        stdout=subprocess.PIPE,
    )
    assert clients.stdout is not None
    clients.stdout.readline()  # connected
    while run.ended is None and not any(
        getattr(entry.event, "text", "") for entry in run.since(max(0, run.length - 3))
    ):
        time.sleep(0.01)
    if run.ended is not None:
        clients.kill()
        sys.exit("The run ended before its followers were connected: measure again on a machine that is less busy.")
    spent, count = time.process_time(), run.length
    while run.ended is None:
        time.sleep(0.02)
    spent, count = time.process_time() - spent, run.length - count
    size = int(clients.stdout.readline() or 0)
    clients.wait()
    return spent / count * 1e6, size / count


async def follow(address: str) -> None:
    """Follow a run with several sockets, and print the largest number of bytes that one received."""
    port, run_id, count = address.split("/")
    connected, sizes = [], []

    async def follow_once() -> None:
        async with connect(f"ws://127.0.0.1:{port}{PATH}", compression=None) as socket:
            await socket.send(json.dumps({"follow": run_id, "views": VIEWS}))
            connected.append(await socket.recv(decode=False))
            size = 0
            while True:
                frame = await socket.recv(decode=False)
                size += len(frame) + 4
                if b'["over"]' in frame:
                    break
            sizes.append(size)

    tasks = [asyncio.create_task(follow_once()) for _ in range(int(count))]
    while len(connected) < len(tasks):  # noqa: ASYNC110 - the benchmark waits for the connections of others
        await asyncio.sleep(0.01)
    print("connected", flush=True)
    await asyncio.gather(*tasks)
    print(max(sizes, default=0), flush=True)


def costs(followers: Sequence[int], *, tokens: int, per_s: float) -> dict[int, tuple[float, float]]:
    """CPU microseconds and bytes of each follower per token, by the number of followers, from a process of its own."""
    numbers = [str(number) for number in followers]
    command = [sys.executable, "-m", "bench.tokens.followers", "--tokens", str(tokens), "--per-s", str(per_s), *numbers]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own module
    return {int(number): (cpu, size) for number, (cpu, size) in json.loads(printed.splitlines()[-1]).items()}


def main() -> None:
    """Print the measurements as JSON, or follow as a client."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("followers", nargs="*", type=int, default=[0, 1, 10, 100])
    parser.add_argument("--client")
    parser.add_argument("--tokens", type=int, default=600)
    parser.add_argument("--per-s", type=float, default=100)
    arguments = parser.parse_args()
    if arguments.client:
        asyncio.run(follow(arguments.client))
        return
    with tempfile.TemporaryDirectory() as folder:
        services = Services(Settings(data_dir=Path(folder), log_format="off"))
        _, port = serve(services)
        found = {n: measure(services, port, n, arguments.tokens, arguments.per_s) for n in arguments.followers}
        services.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
