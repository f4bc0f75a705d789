"""Latency and weight of a run.

TTFT is the time from submission to the first non-empty text chunk; ITL each single gap between two text chunks of one
message; TPOT = (time of last output − time of first output) / (output tokens − 1), decode only; E2E from submission to
the end. These are the words of `vllm bench serve`; NVIDIA's tools call the average of a request ITL, and their TTFT
counts queueing. Submission is the moment the graph got its input (`Started`): waiting is told apart (`wait_s`).

Output is text and the arguments of tool calls. Tokens are those that the provider counts, without reasoning, whose time
is not measured here either; chunks stand for them where the provider does not count, or does not say how many of its
tokens were reasoning.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streaming.core.events import (
    ENGINE_KINDS,
    ApiEvent,
    Attempt,
    Ended,
    Event,
    Fallback,
    LogEntry,
    Outcome,
    Started,
    TaskEnded,
    Token,
    Updates,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The figures of a run: seconds, tokens, bytes; `None` is unknown, never 0."""

    outcome: Outcome | None
    wait_s: float | None
    ttft_s: float | None
    first_event_s: float | None
    first_node_s: float | None
    first_reasoning_s: float | None
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
    cpu_s: float | None

    @property
    def ttft_share(self) -> float | None:
        """Which part of the whole time had passed at the first text: near 1, streaming has gained nothing."""
        return self.ttft_s / self.e2e_s if self.ttft_s is not None and self.e2e_s else None


@dataclass(slots=True)
class _Stream:
    """The times of one message's output, which is text and tool calls, and of its text alone."""

    first: float
    last: float
    outputs: int = 1
    first_text: float | None = None
    last_text: float | None = None
    chunks: int = 0
    tokens: int | None = None

    @property
    def count(self) -> int:
        return self.tokens or self.outputs


class MetricsCollector:
    """Collects times and sizes; `metrics()` may be asked at any moment of the run."""

    def __init__(self) -> None:
        self._started: float | None = None
        self._last: float | None = None
        self._first_event: float | None = None
        self._first_node: float | None = None
        self._first_reasoning: float | None = None
        self._outcome: Outcome | None = None
        self._streams: dict[str, _Stream] = {}
        self._usage: dict[str, dict[str, Any]] = {}
        self._reasoned: set[str] = set()
        self._gaps: list[float] = []
        self._events: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._attempts = 1
        self._fallback: Fallback | None = None
        self._cpu: float | None = None

    def apply(self, entry: LogEntry) -> None:
        match entry.event:
            case Started():
                self._started = entry.t
            case Ended(outcome=outcome, cpu_s=cpu):
                self._outcome, self._last, self._cpu = outcome, entry.t, cpu
            case Fallback() as fallback:
                self._fallback = fallback
            case ApiEvent(text=text, message_id=message_id) as event:
                self._count(event, entry)
                if text:
                    self._text(message_id, entry.t)
            case Token() as token:
                self._count(token, entry)
                self._token(token, entry.t)
            case Updates() | TaskEnded() as event:
                self._count(event, entry)
                self._first_node = entry.t if self._first_node is None else self._first_node
            case Attempt():
                self._attempts += 1
            case event if event.kind not in ENGINE_KINDS:
                self._count(event, entry)

    @property
    def gaps(self) -> list[float]:
        """The gaps between chunks of one message, in seconds, in the order of arrival."""
        return self._gaps[:]

    @property
    def fallback(self) -> Fallback | None:
        """What `metrics()` says of it, for those who ask at every token."""
        return self._fallback

    @property
    def e2e_s(self) -> float | None:
        """What `metrics()` says of it, for those who ask at every token."""
        return self._since_start(self._last)

    def metrics(self) -> Metrics:
        """The figures as they stand; sorts all gaps."""
        gaps = sorted(self._gaps)
        streams = list(self._streams.values())
        first_text = min((stream.first_text for stream in streams if stream.first_text is not None), default=None)
        return Metrics(
            outcome=self._outcome,
            wait_s=self._started,
            ttft_s=self._since_start(first_text),
            first_event_s=self._since_start(self._first_event),
            first_node_s=self._since_start(self._first_node),
            first_reasoning_s=self._since_start(self._first_reasoning),
            e2e_s=self.e2e_s,
            itl_p50_s=percentile(gaps, 50),
            itl_p95_s=percentile(gaps, 95),
            itl_p99_s=percentile(gaps, 99),
            tpot_s=_tpot_s(streams),
            tokens_per_s=_tokens_per_s(streams),
            chunks=sum(stream.chunks for stream in streams),
            output_tokens=_total(self._usage, "output_tokens"),
            input_tokens=_total(self._usage, "input_tokens"),
            events=self._events.total(),
            bytes=self._bytes.total(),
            events_by_mode=dict(self._events),
            bytes_by_mode=dict(self._bytes),
            attempts=self._attempts,
            fallback=self._fallback,
            cpu_s=self._cpu,
        )

    def _since_start(self, t: float | None) -> float | None:
        return None if t is None or self._started is None else t - self._started

    def _count(self, event: Event, entry: LogEntry) -> None:
        self._events[event.kind] += 1
        self._bytes[event.kind] += entry.size
        if self._first_event is None:
            self._first_event = entry.t

    def _token(self, token: Token, t: float) -> None:
        if token.role != "ai":
            return
        if token.reasoning:
            self._reasoned.add(token.message_id)
            self._first_reasoning = t if self._first_reasoning is None else self._first_reasoning
        if token.usage:
            self._usage[token.message_id] = token.usage
        if token.text:
            self._text(token.message_id, t)
        elif token.tool_calls:
            self._output(token.message_id, t)
        if token.message_id in self._usage and (stream := self._streams.get(token.message_id)) is not None:
            stream.tokens = _visible(self._usage[token.message_id], reasoned=token.message_id in self._reasoned)

    def _output(self, message_id: str, t: float) -> _Stream:
        stream = self._streams.get(message_id)
        if stream is None:
            stream = self._streams[message_id] = _Stream(first=t, last=t)
        else:
            stream.last, stream.outputs = t, stream.outputs + 1
        return stream

    def _text(self, message_id: str, t: float) -> None:
        stream = self._output(message_id, t)
        if stream.last_text is None:
            stream.first_text = t
        else:
            self._gaps.append(t - stream.last_text)
        stream.last_text, stream.chunks = t, stream.chunks + 1


def percentile(ordered: Sequence[float], q: float) -> float | None:
    """The q-th percentile (0 to 100) of sorted values, interpolated linearly as `numpy.percentile` does."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * q / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _streamed(streams: Sequence[_Stream]) -> list[_Stream]:
    """Without the messages that came whole: they have no decode time to measure."""
    return [stream for stream in streams if stream.outputs > 1 and stream.count > 1]


def _tpot_s(streams: Sequence[_Stream]) -> float | None:
    """Decode time per token after the first, over all messages that streamed."""
    streamed = _streamed(streams)
    tokens = sum(stream.count - 1 for stream in streamed)
    return sum(stream.last - stream.first for stream in streamed) / tokens if tokens else None


def _tokens_per_s(streams: Sequence[_Stream]) -> float | None:
    """Tokens after each message's first, per second during which at least one message was streaming."""
    streamed = _streamed(streams)
    seconds = _busy_s(streamed)
    return sum(stream.count - 1 for stream in streamed) / seconds if seconds else None


def _busy_s(streams: Sequence[_Stream]) -> float:
    """The length of the union of the messages' times: parallel messages share them."""
    total, reached = 0.0, -math.inf
    for stream in sorted(streams, key=lambda stream: stream.first):
        total += max(0.0, stream.last - max(stream.first, reached))
        reached = max(reached, stream.last)
    return total


def _visible(usage: Mapping[str, Any], *, reasoned: bool) -> int | None:
    """The output tokens that are no reasoning; `None` where the provider does not tell them apart."""
    total, details = usage.get("output_tokens"), usage.get("output_token_details")
    reasoning = details.get("reasoning") if isinstance(details, Mapping) else None
    if total is None or (reasoned and reasoning is None):
        return None
    return int(total) - int(reasoning or 0)


def _total(usage: dict[str, dict[str, Any]], name: str) -> int | None:
    known = [said[name] for said in usage.values() if name in said]
    return sum(known) if known else None
