"""Latency and size of a run.

Times count from the run's submission, because that is when a user starts to wait. They include the wait before the
graph gets its input (queue, rate limit, loading of the model), which is also shown alone.

wait          submission → graph input (`Started`).
TTFT          submission → first chunk with visible text. `vllm bench serve` counts from sending the request, NVIDIA
              AIPerf likewise, with the time in the queue.
E2E latency   submission → end event; with one model call this is vLLM's E2EL and AIPerf's request latency.
ITL           each gap between two text chunks of one message, all gaps of the run pooled (`vllm bench serve`;
              NVIDIA's tools call the mean of a request ITL, which is TPOT here).
TPOT          (time of last output − time of first output) ÷ (output tokens − 1), decode only (`vllm bench serve`,
              DistServe, OSDI 2024), over all messages that streamed.
decode speed  output tokens after each message's first ÷ seconds in which at least one message streamed: AIPerf's output
              token throughput per user, and not vLLM's throughput, which divides by the whole time.

`first_token_s` is the time to the first token of any kind: reasoning, text, or a part of a tool call. TTFT is the time
to the first visible one; they differ if a model thinks first, or calls a tool first.

`first_text_s` is when a reader first saw any text. It differs from TTFT if an answer was dropped and written again:
chunks, gaps, tokens, TTFT and TPOT do not include dropped messages. An answer that came whole, in the state, has no
TTFT; once its run has ended, `first_text_s` is when that answer was there, a little before the end.

None of these include text that an earlier run had received and this one continues (`Token.kept`): it comes at once.

Output is text and the arguments of tool calls. Tokens are those that the provider counts, without reasoning, whose time
is not measured here either. Chunks are counted instead if the provider does not count tokens, or does not count those
of reasoning apart.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from streaming.core.events import (
    ApiEvent,
    Attempt,
    CheckpointSaved,
    Custom,
    Debug,
    Ended,
    EngineEvent,
    Fallback,
    GraphEvent,
    LogEntry,
    Notice,
    Outcome,
    ProviderStep,
    Started,
    TaskEnded,
    TaskStarted,
    Token,
    ToolCalled,
    Updates,
    Values,
)
from streaming.core.token_count import is_token_count
from streaming.projections.state_answer import StateAnswer

_LEAST_S = 0.3
"""Seconds of streaming from which on a run that goes on has a decode speed; the first chunks often come together."""


_BURST_GAP_S = 0.000_05
"""Mean seconds between parts below which no model wrote them one after the other: 20,000 in a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The figures of a run: seconds since submission, tokens, bytes; `None` is unknown, never 0.

    `loop_cpu_s` is the CPU time of the engine's event loop during the run, including that of runs at the same time.
    """

    outcome: Outcome | None
    wait_s: float | None
    ttft_s: float | None
    first_text_s: float | None
    first_event_s: float | None
    first_node_s: float | None
    first_reasoning_s: float | None
    first_token_s: float | None
    e2e_s: float | None
    itl_p50_s: float | None
    itl_p95_s: float | None
    itl_p99_s: float | None
    tpot_s: float | None
    tokens_per_s: float | None
    chunks: int
    output_tokens: int | None
    input_tokens: int | None
    events: int
    bytes: int
    events_by_mode: dict[str, int]
    bytes_by_mode: dict[str, int]
    attempts: int
    fallback: Fallback | None
    loop_cpu_s: float | None

    @property
    def ttft_share(self) -> float | None:
        """TTFT ÷ E2E latency, 0 to 1. Near 1, streaming has gained nothing."""
        return self.ttft_s / self.e2e_s if self.ttft_s is not None and self.e2e_s else None

    @property
    def answer_after_s(self) -> float | None:
        """The wait for the answer to begin: TTFT, or when an answer that came whole was there, if its run completed."""
        came_whole = self.ttft_s is None and self.outcome == "completed"
        return self.first_text_s if came_whole else self.ttft_s


@dataclass(slots=True)
class _Stream:
    """The times of one message's output, which is text and tool calls, and of its text alone."""

    first: float
    last: float
    outputs: int = 1
    first_text: float | None = None
    last_text: float | None = None
    chunks: int = 0
    gaps: list[float] = field(default_factory=list)
    tokens: int | None = None
    """As the provider counts them."""


class MetricsCollector:
    """Collects times and sizes; `metrics()` can be called at any moment of the run."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._ended: float | None = None
        self._first_event: float | None = None
        self._first_node: float | None = None
        self._first_text: float | None = None
        self._answer = StateAnswer()
        self._first_reasoning: dict[str, float] = {}
        self._outcome: Outcome | None = None
        self._streams: dict[str, _Stream] = {}
        # Sorting what is almost in order is much cheaper than collecting and sorting all gaps again.
        self._sorted_gaps: list[float] = []
        self._new_gaps: list[float] = []
        self._usage: dict[str, dict[str, Any]] = {}
        self._events: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._attempts = 1
        self._fallback: Fallback | None = None
        self._loop_cpu: float | None = None

    def apply(self, entry: LogEntry) -> None:
        """Take one log entry, in the order of the log."""
        if self._first_text is None:
            self._answer.apply(entry)
        if isinstance(entry.event, GraphEvent):
            self._graph_event(entry.event, entry)
        else:
            self._engine_event(entry.event, entry.t)

    def _engine_event(self, event: EngineEvent, t: float) -> None:
        match event:
            case Started():
                self._started = t
            case Ended(outcome=outcome, cpu_s=cpu_s):
                self._outcome, self._ended, self._loop_cpu = outcome, t, cpu_s
            case Fallback():
                self._fallback = event
            case Attempt(dropped=dropped):
                self._attempts += 1
                self._drop(dropped)
            case Notice() | ProviderStep():
                pass  # sentences for the reader, without a figure
            case _:
                assert_never(event)

    def _graph_event(self, event: GraphEvent, entry: LogEntry) -> None:
        self._events[event.kind] += 1
        self._bytes[event.kind] += entry.size
        self._first_event = entry.t if self._first_event is None else self._first_event
        match event:
            case ApiEvent(text=text, message_id=message_id):
                if text:
                    self._text(message_id, entry.t)
            case Token():
                self._token(event, entry.t)
            case Updates() | TaskEnded():
                self._first_node = entry.t if self._first_node is None else self._first_node
            case Values() | Custom() | TaskStarted() | CheckpointSaved() | Debug() | ToolCalled():
                pass  # only their number and size count
            case _:
                assert_never(event)

    @property
    def gaps(self) -> list[float]:
        """All gaps between two text chunks of one message, in seconds, message after message."""
        return [gap for stream in self._streams.values() for gap in stream.gaps]

    @property
    def fallback(self) -> Fallback | None:
        """The same as in `metrics()`, without the cost of sorting the gaps."""
        return self._fallback

    @property
    def e2e_s(self) -> float | None:
        """The same as in `metrics()`, without the cost of sorting the gaps."""
        return self._ended

    @property
    def messages(self) -> int:
        """How many messages have output."""
        return len(self._streams)

    @property
    def received(self) -> tuple[int, int]:
        """Events and bytes, the same as in `metrics()`, without its cost."""
        return self._events.total(), self._bytes.total()

    @property
    def _first_text_s(self) -> float | None:
        """Of a run without tokens that of the state: whether tokens come is known at its end."""
        came_whole = self._first_text is None and self._ended is not None
        return self._answer.at if came_whole else self._first_text

    def metrics(self) -> Metrics:
        """The figures so far; sorts the gaps."""
        gaps, output = self._gaps_in_order(), _Output(self._streams.values())
        reasoned = min(self._first_reasoning.values(), default=math.inf)
        events, size = self.received
        return Metrics(
            outcome=self._outcome,
            wait_s=self._started,
            ttft_s=_known(output.first_text),
            first_text_s=self._first_text_s,
            first_event_s=self._first_event,
            first_node_s=self._first_node,
            first_reasoning_s=_known(reasoned),
            first_token_s=_known(min(reasoned, output.first)),
            e2e_s=self.e2e_s,
            itl_p50_s=percentile(gaps, 50),
            itl_p95_s=percentile(gaps, 95),
            itl_p99_s=percentile(gaps, 99),
            tpot_s=output.tpot_s,
            tokens_per_s=output.speed(least_s=_LEAST_S if self._ended is None else 0.0),
            chunks=output.chunks,
            output_tokens=_total(self._usage.values(), "output_tokens"),
            input_tokens=_total(self._usage.values(), "input_tokens"),
            events=events,
            bytes=size,
            events_by_mode=dict(self._events),
            bytes_by_mode=dict(self._bytes),
            attempts=self._attempts,
            fallback=self._fallback,
            loop_cpu_s=self._loop_cpu,
        )

    def _gaps_in_order(self) -> list[float]:
        self._sorted_gaps += self._new_gaps
        self._sorted_gaps.sort()
        self._new_gaps = []
        return self._sorted_gaps

    def _drop(self, message_ids: Iterable[str]) -> None:
        for message_id in message_ids:
            self._streams.pop(message_id, None)
            self._usage.pop(message_id, None)
            self._first_reasoning.pop(message_id, None)
        self._sorted_gaps, self._new_gaps = [], self.gaps

    def _token(self, token: Token, t: float) -> None:
        if token.role != "ai" or token.kept:
            return
        if token.reasoning:
            self._first_reasoning.setdefault(token.message_id, t)
        if token.usage:
            self._usage[token.message_id] = token.usage
        if token.text:
            self._text(token.message_id, t)
        elif token.tool_calls:
            self._output(token.message_id, t)
        if token.message_id in self._usage and (stream := self._streams.get(token.message_id)) is not None:
            reasoned = token.message_id in self._first_reasoning
            stream.tokens = _without_reasoning(self._usage[token.message_id], reasoned=reasoned)

    def _output(self, message_id: str, t: float) -> _Stream:
        stream = self._streams.get(message_id)
        if stream is None:
            stream = self._streams[message_id] = _Stream(first=t, last=t)
        else:
            stream.last, stream.outputs = t, stream.outputs + 1
        return stream

    def _text(self, message_id: str, t: float) -> None:
        self._first_text = t if self._first_text is None else self._first_text
        stream = self._output(message_id, t)
        if stream.last_text is None:
            stream.first_text = t
        else:
            stream.gaps.append(gap := t - stream.last_text)
            self._new_gaps.append(gap)
        stream.last_text, stream.chunks = t, stream.chunks + 1


def percentile(ordered: Sequence[float], q: float) -> float | None:
    """The q-th percentile (0 to 100) of sorted values, interpolated linearly as `numpy.percentile` does."""
    if not ordered:
        return None
    rank = (len(ordered) - 1) * q / 100
    low, high = math.floor(rank), math.ceil(rank)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)


def _known(t: float) -> float | None:
    return t if t < math.inf else None


class _Output:
    """Figures of messages in the order of their first times, in one pass: a run may have thousands of them."""

    def __init__(self, streams: Iterable[_Stream]) -> None:
        self.first = self.first_text = math.inf
        self.chunks = self._tokens = 0
        self._decode_s = self._busy_s = 0.0
        latest_end = -math.inf
        for stream in streams:
            first, last, outputs = stream.first, stream.last, stream.outputs
            if first < self.first:
                self.first = first
            if stream.first_text is not None and stream.first_text < self.first_text:
                self.first_text = stream.first_text
            self.chunks += stream.chunks
            count = stream.tokens or outputs
            # A whole message has no decode time, nor has one that came in one burst, such as from behind a blocked
            # event loop: the times of its parts say nothing of a model.
            if outputs == 1 or count <= 1 or last - first < _BURST_GAP_S * (outputs - 1):
                continue
            self._tokens += count - 1
            self._decode_s += last - first
            if last > latest_end:
                self._busy_s += last - (first if first > latest_end else latest_end)
                latest_end = last

    @property
    def tpot_s(self) -> float | None:
        """Seconds of each output token after a message's first."""
        return self._decode_s / self._tokens if self._tokens else None

    def speed(self, *, least_s: float) -> float | None:
        """Output tokens a second, if messages streamed for so long; a second is one in which at least one did."""
        return self._tokens / self._busy_s if self._busy_s and self._busy_s >= least_s else None


def _without_reasoning(usage: Mapping[str, Any], *, reasoned: bool) -> int | None:
    """The output tokens that are not reasoning; `None` if the provider does not count those apart."""
    total, details = usage.get("output_tokens"), usage.get("output_token_details")
    reasoning = details.get("reasoning") if isinstance(details, Mapping) else None
    if not is_token_count(total) or (reasoned and not is_token_count(reasoning)):
        return None
    return max(0, total - (reasoning if is_token_count(reasoning) else 0))


def _total(usages: Iterable[Mapping[str, Any]], name: str) -> int | None:
    counts = [usage[name] for usage in usages if is_token_count(usage.get(name))]
    return sum(counts) if counts else None
