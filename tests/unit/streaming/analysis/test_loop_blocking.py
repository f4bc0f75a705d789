"""How long each way of calling a graph keeps the event loop from other work."""

from graphs import TECHNIQUES
from graphs.collections import COLLECTIONS
from streaming.analysis.loop_blocking import measure_blocking


def test_what_blocks_is_measured_for_real() -> None:
    waits = {"extra_ms": dict.fromkeys(COLLECTIONS, 60)}
    found = {result.method: result for result in measure_blocking(TECHNIQUES["retrieval"], "What is a token?", waits)}
    on_loop, in_thread, native = found.values()
    assert on_loop.beats == 0, "nothing else runs on the loop meanwhile"
    assert on_loop.blocked_s >= 0.15
    assert in_thread.beats > 3
    assert native.beats > 3
    assert native.stopped_s < in_thread.stopped_s
