"""The cost of the view of a run: entries per second, and bytes per word on the wire.

`python -m bench.patches` compares `RunView` with encoding the same entries as JSON, which is the least that sending
them costs, and prints the bytes of the frames that a follower of text, figures, lanes and spans gets at 100 and at
1,000 words per second.
"""

import argparse
import time
from collections.abc import Callable, Iterable

from streaming.core.events import Ended, Event, LogEntry, Started, TaskEnded, TaskStarted, Token
from streaming.core.serialization import to_json
from streaming.live.channel import FRAME_S
from streaming.live.coalescing import coalesce
from streaming.live.patches import Patch, operations
from streaming.live.view import RunView
from streaming.recordings.format import dump_event

VIEWS = frozenset({"text", "figures", "lanes", "spans"})
RUN_ID = "A" * 22
_MESSAGE = "lc_run--01a1fd6f-a52f-71ad-aeaa-df7e510e0b0b"


def log_of(words: int, per_s: float) -> list[LogEntry]:
    """The log of one node that writes words at an even pace."""
    timed: list[tuple[float, Event, int]] = [
        (0.0, Started(thread_id="t"), 0),
        (0.001, TaskStarted(ns=(), task_id="t-1", node="chat", input={"messages": []}, triggers=("start",)), 200),
    ]
    for number in range(words):
        metadata = {"langgraph_checkpoint_ns": "chat:t-1"} if number == 0 else None
        token = Token(
            ns=(), message_id=_MESSAGE, node="chat", role="ai", text="wonder ", tags=("answer",), metadata=metadata
        )
        timed.append((0.2 + number / per_s, token, 812))
    end = timed[-1][0]
    timed += [
        (end, TaskEnded(ns=(), task_id="t-1", node="chat", result={}, error=None, interrupts=()), 200),
        (end, Ended(outcome="completed"), 0),
    ]
    return [LogEntry(seq=seq, t=t, event=event, size=size) for seq, (t, event, size) in enumerate(timed)]


def frames(log: Iterable[LogEntry]) -> list[bytes]:
    """The frames for a follower that is never late."""
    view, wanted, encoded = RunView(), operations(VIEWS), []
    waiting: list[Patch] = []
    first, sent_at = 0, -FRAME_S
    for entry in log:
        waiting += view.apply(entry)
        if entry.t - sent_at >= FRAME_S or isinstance(entry.event, Ended):
            shown = [patch for patch in coalesce(waiting) if patch[0] in wanted]
            encoded.append(to_json({"run": RUN_ID, "from": first, "seq": view.seq, "p": shown}))
            first, sent_at, waiting = view.seq, entry.t, []
    return encoded


def best_us(work: Callable[[], object], entries: int, *, times: int = 5) -> float:
    """Microseconds per entry, in the best of several repetitions."""
    durations = []
    for _ in range(times):
        start = time.process_time()
        work()
        durations.append(time.process_time() - start)
    return min(durations) / entries * 1e6


def apply_all(log: list[LogEntry]) -> None:
    """Apply the log to a new view."""
    view = RunView()
    for entry in log:
        view.apply(entry)


def main() -> None:
    """Print the measurements."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=5000)
    words = parser.parse_args().words
    log = log_of(words, 100)
    view_us = best_us(lambda: apply_all(log), len(log))
    json_us = best_us(lambda: [dump_event(entry) for entry in log], len(log))
    print(f"{words:,} words: RunView {view_us:.1f} µs an entry ({1e6 / view_us:,.0f}/s)")
    print(f"encoding the entries as JSON {json_us:.1f} µs; ratio {view_us / json_us:.1f}")
    for per_s in (100, 1000):
        sent = frames(log_of(words, per_s))
        size = sum(map(len, sent)) + 4 * len(sent)
        print(f"{per_s:,} words/s: {size / words:.0f} bytes a word in {len(sent):,} frames")


if __name__ == "__main__":
    main()
