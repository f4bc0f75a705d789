"""The engine beside a bare consumer of `astream`, on the same graph and provider: words per second and CPU per word.

`python -m bench.tokens.engine engine|bare URL RATE WORDS` runs one of them and prints JSON. Each is a process of its
own, so its CPU time is that of nothing else.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from bench.tokens.words import Answer
from streaming.core.events import Mode
from streaming.core.run import Run

MODES: tuple[Mode, ...] = ("updates", "messages", "custom", "tasks")
_WARM_UP = Answer(words=20, rate=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Words per second, and microseconds of CPU per word."""

    words_per_s: float
    cpu_us_a_word: float


def cost(consumer: str, provider: str, answer: Answer) -> Cost:
    """Let a new process consume this answer; `consumer` is `engine` or `bare`."""
    command = [sys.executable, "-m", "bench.tokens.engine", consumer, provider, str(answer.rate), str(answer.words)]
    printed = subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own module
    return Cost(**json.loads(printed.splitlines()[-1]))


def _bare(provider: str, answers: list[Answer]) -> Cost:
    """LangGraph's loop over its parts, with nothing in it."""
    from langchain_core.messages import HumanMessage
    from langchain_openai import ChatOpenAI

    from graphs.chat import build

    async def consume(answer: Answer) -> Cost:
        model = ChatOpenAI(model=answer.new_name(), base_url=f"{provider}/v1", api_key=lambda: "none")
        graph: Any = build(model)
        begin, cpu, words = 0.0, 0.0, 0
        async for part in graph.astream(
            {"messages": [HumanMessage("Hello")]}, stream_mode=list(MODES), subgraphs=True, version="v2"
        ):
            if part["type"] == "messages" and part["data"][0].text:
                words += 1
                if words == 1:
                    begin, cpu = time.perf_counter(), time.process_time()
        return _cost(words - 1, begin, cpu)

    async def consume_all() -> Cost:
        return [await consume(answer) for answer in answers][-1]

    return asyncio.run(consume_all())


def _engine(provider: str, answers: list[Answer], folder: Path) -> Cost:
    """The engine with the log, the store and telemetry of the app, without a follower."""
    from graphs import GRAPHS
    from streaming.config.settings import Settings
    from streaming.core.limits import Limits
    from streaming.core.model_spec import ModelSpec
    from streaming.core.request import RunRequest
    from streaming.services import Services

    services = Services(Settings(data_dir=folder, log_format="off"))
    services.warm_up()
    found = None
    for answer in answers:
        spec = ModelSpec(provider="compatible", model=answer.new_name(), base_url=f"{provider}/v1")
        limits = Limits(runs_per_minute=None, run_s=None, grace_s=None)
        run = services.engine.start(
            RunRequest(graph=GRAPHS["chat"], model=spec, modes=MODES, prompt="Hello", limits=limits)
        )
        while not any(getattr(entry.event, "text", "") for entry in run.since(max(0, run.length - 5))):
            time.sleep(0.001)
        with run.followed_by(end := _End(run)):
            begin, cpu, before = time.perf_counter(), time.process_time(), run.length
            end.wait()
        found = _cost(run.length - before, begin, cpu)
    services.close()
    assert found is not None
    return found


class _End:
    """Waits for the end of a run without looking for it, which would wake the process twice for each token."""

    def __init__(self, run: Run) -> None:
        self._run, self._over = run, Event()

    def wake(self) -> None:
        """The run has a new event."""
        if self._run.ended is not None:
            self._over.set()

    def wait(self) -> None:
        """Return when the run has ended."""
        if self._run.ended is None:
            self._over.wait()


def _cost(words: int, begin: float, cpu: float) -> Cost:
    spent, took = time.process_time() - cpu, time.perf_counter() - begin
    return Cost(words_per_s=words / took, cpu_us_a_word=spent / words * 1e6)


def main() -> None:
    """Consume one answer as a process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("consumer", choices=("engine", "bare"))
    parser.add_argument("provider")
    parser.add_argument("rate", type=int)
    parser.add_argument("words", type=int)
    given = parser.parse_args()
    answers = [_WARM_UP, Answer(words=given.words, rate=given.rate)]
    if given.consumer == "bare":
        found = _bare(given.provider, answers)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = _engine(given.provider, answers, Path(folder))
    print(json.dumps({"words_per_s": found.words_per_s, "cpu_us_a_word": found.cpu_us_a_word}))


if __name__ == "__main__":
    main()
