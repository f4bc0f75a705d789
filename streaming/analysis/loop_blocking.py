"""What blocks what: a heart beats on an event loop while a graph is streamed in three ways."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from streaming.core.model_spec import Pace
from streaming.core.request import CompiledGraph, GraphSource
from streaming.providers.scripted.model import ScriptedChatModel

StreamingMethod = Literal["stream, on the event loop", "stream, in a thread", "astream"]
BEAT_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockingMeasurement:
    """One way of streaming; seconds.

    `took_s` is the whole stream, `stood_still_s` the longest gap between two heartbeats of the loop beyond the beat
    itself, `beats` of `expected` those that came. `stopped_s` is the time from a cancellation half-way to the moment
    at which the work had stopped.
    """

    way: StreamingMethod
    took_s: float
    stood_still_s: float
    beats: int
    expected: int
    stopped_s: float


def measure_blocking(source: GraphSource, prompt: str, context: Mapping[str, Any]) -> Iterator[BlockingMeasurement]:
    """Stream this graph in each of the three ways, on an event loop of its own; takes each way twice.

    The graph must have sync and async nodes. Its model is the scripted one, without any pause of its own.
    """
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=5000))
    for way, stream in _WAYS.items():
        took, gaps, beats = asyncio.run(_with_heart(stream, source.build(model), source.to_input(prompt), context))
        stopped = asyncio.run(_stopped(stream, source.build(model), source.to_input(prompt), context, took / 2))
        yield BlockingMeasurement(
            way=way,
            took_s=took,
            stood_still_s=max(0.0, gaps - BEAT_S),
            beats=beats,
            expected=max(1, int(took / BEAT_S)),
            stopped_s=stopped,
        )


_Stream = Callable[[CompiledGraph, Any, Mapping[str, Any]], Coroutine[Any, Any, None]]


async def _on_the_loop(graph: CompiledGraph, given: Any, context: Mapping[str, Any]) -> None:
    for _ in graph.stream(given, stream_mode="updates", context=dict(context)):
        pass


async def _in_a_thread(graph: CompiledGraph, given: Any, context: Mapping[str, Any]) -> None:
    def work() -> None:
        for _ in graph.stream(given, stream_mode="updates", context=dict(context)):
            pass

    await asyncio.to_thread(work)


async def _async(graph: CompiledGraph, given: Any, context: Mapping[str, Any]) -> None:
    async for _ in graph.astream(given, stream_mode="updates", context=dict(context)):
        pass


_WAYS: dict[StreamingMethod, _Stream] = {
    "stream, on the event loop": _on_the_loop,
    "stream, in a thread": _in_a_thread,
    "astream": _async,
}


async def _with_heart(
    stream: _Stream, graph: CompiledGraph, given: Any, context: Mapping[str, Any]
) -> tuple[float, float, int]:
    """How long it took, the longest gap between two beats, and how many there were."""
    beats = [time.monotonic()]

    async def heart() -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            beats.append(time.monotonic())

    beating = asyncio.create_task(heart())
    await asyncio.sleep(0)
    start = time.monotonic()
    await stream(graph, given, context)
    took = time.monotonic() - start
    # One more beat closes the gap that a blocked loop has left.
    await asyncio.sleep(2 * BEAT_S)
    beating.cancel()
    gaps = [after - before for before, after in pairwise(beats)]
    return took, max(gaps), sum(start <= beat <= start + took for beat in beats)


async def _stopped(
    stream: _Stream, graph: CompiledGraph, given: Any, context: Mapping[str, Any], after_s: float
) -> float:
    """From the moment a cancellation is wanted to the moment at which nothing of the graph runs any more."""
    wanted = time.monotonic() + after_s
    work = asyncio.create_task(stream(graph, given, context))
    await asyncio.sleep(after_s)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    # The default executor's threads are the ones that a cancelled `to_thread` leaves behind.
    await asyncio.get_running_loop().shutdown_default_executor()
    return time.monotonic() - wanted
