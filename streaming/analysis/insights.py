"""Two or three sentences about a run, each with figures of that run alone."""

from collections.abc import Sequence

from streaming.core.events import Attempt, Ended, LogEntry, Token
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import Metrics, MetricsCollector

_WORTH = 3.0
"""A ratio between two modes is worth a sentence from here on."""


def run_insights(events: Sequence[LogEntry], *, most_tokens: int | None = None) -> list[str]:
    """What this run's figures say, at most three sentences; none where nothing stands out.

    `most_tokens` is how long its answer might have become.
    """
    metrics = apply_all(MetricsCollector(), events).metrics()
    found = [
        _attempts(events),
        _first_token(metrics),
        _cancelled(events, metrics, most_tokens),
        _fallback(metrics),
        _weight(metrics),
        _hidden(events),
    ]
    return [sentence for sentence in found if sentence][:3]


def _attempts(events: Sequence[LogEntry]) -> str | None:
    """How often the provider was asked again, before an answer began and after one broke off."""
    attempts = [entry.event for entry in events if isinstance(entry.event, Attempt)]
    restarts = sum(attempt.restarts for attempt in attempts)
    found = [
        f"The provider was asked again {_times(again)} before an answer began."
        if (again := len(attempts) - restarts)
        else "",
        f"An answer that broke off was asked for again {_times(restarts)}." if restarts else "",
    ]
    return " ".join(filter(None, found)) or None


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _first_token(metrics: Metrics) -> str | None:
    share = metrics.ttft_share
    if share is None or metrics.outcome != "completed":
        return None
    if share > 0.6:
        return f"The first token came after {share:.0%} of the time: streaming the answer gained little here."
    if 0 < share < 0.3:
        return f"The first token came after {share:.0%} of the time: whoever reads along waits {1 / share:.0f}× less."
    return None


def _cancelled(events: Sequence[LogEntry], metrics: Metrics, most_tokens: int | None) -> str | None:
    end = events[-1].event if events else None
    if not isinstance(end, Ended) or end.outcome != "cancelled" or not metrics.chunks:
        return None
    if most_tokens is not None and end.cut:
        texts = apply_all(Messages(), events).messages
        written = sum(texts[message].chunks for message in end.cut if message in texts)
        saved = max(0, most_tokens * len(end.cut) - written)
        return f"Stopped after {metrics.chunks:,} pieces of text: up to {saved:,} tokens still to come were saved."
    return f"Stopped after {metrics.chunks:,} pieces of text: what the model had not written by then was not paid for."


def _fallback(metrics: Metrics) -> str | None:
    if metrics.fallback is None or metrics.fallback.to:
        return None
    return f"The model did not stream ({metrics.fallback.reason}), so nothing could be shown while it wrote."


def _weight(metrics: Metrics) -> str | None:
    weights = sorted((size, mode) for mode, size in metrics.bytes_by_mode.items() if size)
    # In a run that broke off, a mode may be light because its events never came.
    if metrics.outcome != "completed" or len(weights) < 2 or weights[-1][0] < _WORTH * weights[0][0]:
        return None
    (least, light), (most, heavy) = weights[0], weights[-1]
    return f"`{heavy}` sent {most / least:.0f}× the bytes of `{light}`."


def _hidden(events: Sequence[LogEntry]) -> str | None:
    """Text in nodes whose tokens came before the answer's: the reader may not need to see them."""
    spoken = apply_all(Messages(), events).spoken()
    drafts = sum(len(message.text) for message in spoken if "draft" in message.tags)
    total = sum(len(message.text) for message in spoken)
    tokens = sum(isinstance(entry.event, Token) for entry in events)
    if not drafts or not tokens or drafts / total < 0.3:
        return None
    return (
        f"{drafts / total:.0%} of the text came from nodes tagged `draft`: filter them where only the answer matters."
    )
