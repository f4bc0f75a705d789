"""How long each method of streaming blocks an event loop, measured by a heartbeat on that loop."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, cast

from streaming.core.model_spec import Pace
from streaming.core.request import CompiledGraph, GraphSource
from streaming.providers.scripted.model import ScriptedChatModel

StreamingMethod = Literal["stream, on the event loop", "stream, in a thread", "astream"]
BEAT_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockingMeasurement:
    """How one method of streaming behaved; times in seconds.

    `took_s` is the duration of the stream, `blocked_s` the longest gap between two heartbeats without the interval
    itself, `beats` the number of heartbeats, of `expected`. `stopped_s` is the time from a cancellation half-way until
    the graph's work had stopped.
    """

    method: StreamingMethod
    took_s: float
    blocked_s: float
    beats: int
    expected: int
    stopped_s: float


def measure_blocking(source: GraphSource, prompt: str, context: Mapping[str, Any]) -> Iterator[BlockingMeasurement]:
    """Stream this graph by each of the three methods, twice each, on a new event loop.

    The graph must run both sync and async. Its model is the scripted one, without a pause before its first token.
    """
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=5000))

    def build() -> CompiledGraph:
        return cast(CompiledGraph, source.build(model))

    for method, stream in _METHODS.items():
        graph_input = source.to_input(prompt)
        took, longest_gap, beats = asyncio.run(_with_heartbeat(stream, build(), graph_input, context))
        stopped = asyncio.run(_stopped(stream, build(), graph_input, context, took / 2))
        yield BlockingMeasurement(
            method=method,
            took_s=took,
            blocked_s=max(0.0, longest_gap - BEAT_S),
            beats=beats,
            expected=max(1, int(took / BEAT_S)),
            stopped_s=stopped,
        )


_Stream = Callable[[CompiledGraph, Any, Mapping[str, Any]], Coroutine[Any, Any, None]]


async def _on_the_loop(graph: CompiledGraph, graph_input: Any, context: Mapping[str, Any]) -> None:
    for _ in graph.stream(graph_input, stream_mode="updates", context=dict(context)):
        pass


async def _in_a_thread(graph: CompiledGraph, graph_input: Any, context: Mapping[str, Any]) -> None:
    def work() -> None:
        for _ in graph.stream(graph_input, stream_mode="updates", context=dict(context)):
            pass

    await asyncio.to_thread(work)


async def _async(graph: CompiledGraph, graph_input: Any, context: Mapping[str, Any]) -> None:
    async for _ in graph.astream(graph_input, stream_mode="updates", context=dict(context)):
        pass


_METHODS: dict[StreamingMethod, _Stream] = {
    "stream, on the event loop": _on_the_loop,
    "stream, in a thread": _in_a_thread,
    "astream": _async,
}


async def _with_heartbeat(
    stream: _Stream, graph: CompiledGraph, graph_input: Any, context: Mapping[str, Any]
) -> tuple[float, float, int]:
    """Duration, longest gap between two heartbeats, and number of heartbeats."""
    beats = [time.monotonic()]

    async def heartbeat() -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            beats.append(time.monotonic())

    beating = asyncio.create_task(heartbeat())
    await asyncio.sleep(0)
    start = time.monotonic()
    await stream(graph, graph_input, context)
    took = time.monotonic() - start
    # One more heartbeat closes the gap that a blocked loop has left.
    await asyncio.sleep(2 * BEAT_S)
    beating.cancel()
    gaps = [after - before for before, after in pairwise(beats)]
    return took, max(gaps), sum(start <= beat <= start + took for beat in beats)


async def _stopped(
    stream: _Stream, graph: CompiledGraph, graph_input: Any, context: Mapping[str, Any], after_s: float
) -> float:
    """Seconds from the cancellation until no code of the graph runs."""
    cancel_at = time.monotonic() + after_s
    work = asyncio.create_task(stream(graph, graph_input, context))
    await asyncio.sleep(after_s)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    # A cancelled `to_thread` leaves its thread running in the default executor.
    await asyncio.get_running_loop().shutdown_default_executor()
    return time.monotonic() - cancel_at
