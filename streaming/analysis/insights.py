"""Up to three sentences about a run, each with figures of that run alone."""

from collections.abc import Sequence

from streaming.core.events import Attempt, Custom, Ended, LogEntry, Token, ToolCalled
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import Metrics, MetricsCollector

_MIN_RATIO = 3.0
"""Two modes are compared in a sentence if their bytes have at least this ratio."""


def run_insights(
    events: Sequence[LogEntry], *, max_tokens: int | None = None, shown_s: float | None = None
) -> list[str]:
    """Up to three sentences about this run; an empty list if there is nothing remarkable.

    `max_tokens` is the limit of each answer, in tokens; `shown_s` is when the first text was drawn, in seconds since
    submission, where that was measured.
    """
    metrics = apply_all(MetricsCollector(), events).metrics()
    sentences = [
        _retries(events),
        _first_token(events, metrics, shown_s),
        _stopped(events, metrics, max_tokens),
        _bytes(metrics),
        _drafts(events),
    ]
    return [sentence for sentence in sentences if sentence][:3]


def _retries(events: Sequence[LogEntry]) -> str | None:
    """How often the provider was called again: before an answer began, and after one broke off."""
    attempts = [entry.event for entry in events if isinstance(entry.event, Attempt)]
    restarts = sum(attempt.restarts for attempt in attempts)
    retries = len(attempts) - restarts
    sentences = [
        f"The provider was asked again {_times(retries)}{_with_what(events)}." if retries else "",
        f"An answer that broke off was asked for again {_times(restarts)}." if restarts else "",
    ]
    return " ".join(filter(None, sentences)) or None


def _with_what(events: Sequence[LogEntry]) -> str:
    """Whether an answer began after the last call that failed."""
    last = events[-1].event
    failed = isinstance(last, Ended) and last.outcome == "failed"
    after = len(events) - next(n for n, entry in enumerate(reversed(events)) if isinstance(entry.event, Attempt))
    nothing_came = failed and not any(isinstance(entry.event, Token) for entry in events[after:])
    return ", and no answer began" if nothing_came else " before an answer began"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _first_token(events: Sequence[LogEntry], metrics: Metrics, shown_s: float | None) -> str | None:
    share = metrics.ttft_share
    # Who waits for the rest of an answer has its beginning.
    continued = any(isinstance(entry.event, Token) and entry.event.kept for entry in events)
    if share is None or metrics.outcome != "completed" or continued:
        return None
    if share > 0.6 and _worked_before(events, metrics.first_text_s):
        return f"The first token took {share:.0%} of the total time: tools and reports of progress came before it."
    if share > 0.6:
        return f"The first token took {share:.0%} of the total time, so streaming helped little."
    # A message that came whole was not read while it was written.
    if 0 < share < 0.3 and not _begins_whole(events):
        took = f"The first token took {share:.0%} of the total time"
        if shown_s is None or metrics.e2e_s is None:
            return f"{took}: the first word arrived {1 / share:.0f}× sooner than the end."
        if (shown := f"{min(1.0, shown_s / metrics.e2e_s):.0%}") == f"{share:.0%}":
            return f"{took}, and was on screen at once."
        return f"{took}, and the first word was on screen after {shown} of it."
    return None


def _begins_whole(events: Sequence[LogEntry]) -> bool:
    texts = (entry.event for entry in events if isinstance(entry.event, Token) and entry.event.text)
    return next((token.whole for token in texts if token.role == "ai"), False)


def _worked_before(events: Sequence[LogEntry], first_text_s: float | None) -> bool:
    """Whether a tool or the stream writer sent something before the first text: that wait was no silence."""
    return any(
        isinstance(entry.event, Custom | ToolCalled) or (isinstance(entry.event, Token) and entry.event.role == "tool")
        for entry in events
        if first_text_s is not None and entry.t < first_text_s
    )


def _stopped(events: Sequence[LogEntry], metrics: Metrics, max_tokens: int | None) -> str | None:
    end = events[-1].event if events else None
    if not isinstance(end, Ended) or end.outcome != "cancelled" or not metrics.chunks:
        return None
    stopped = f"Stopped after {metrics.chunks:,} {'chunk' if metrics.chunks == 1 else 'chunks'} of text"
    if max_tokens is None or not end.cut:
        return f"{stopped}: what the model had not written by then costs nothing."
    # Chunks are not subtracted from tokens: one chunk can hold several.
    answers = "its answer" if len(end.cut) == 1 else f"each of its {len(end.cut)} answers"
    return f"{stopped}; {answers} could have reached {max_tokens:,} tokens. What was not written costs nothing."


def _bytes(metrics: Metrics) -> str | None:
    by_size = sorted((size, mode) for mode, size in metrics.bytes_by_mode.items() if size)
    # In a run that broke off, a mode may have few bytes because its events never came.
    if metrics.outcome != "completed" or len(by_size) < 2 or by_size[-1][0] < _MIN_RATIO * by_size[0][0]:
        return None
    (smallest, small_mode), (largest, large_mode) = by_size[0], by_size[-1]
    return f"`{large_mode}` sent {largest / smallest:.0f}× as many bytes as `{small_mode}`."


def _drafts(events: Sequence[LogEntry]) -> str | None:
    """The share of text from nodes that write drafts, which a reader may not need to see."""
    messages = apply_all(Messages(), events).answers()
    drafts = sum(len(message.text) for message in messages if "draft" in message.tags)
    total = sum(len(message.text) for message in messages)
    if not drafts or drafts / total < 0.3:
        return None
    return (
        f"{drafts / total:.0%} of the text came from nodes tagged `draft`: filter them where only the answer matters."
    )
