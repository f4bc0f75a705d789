"""Advice about a run, in sentences."""

from streaming.analysis.insights import run_insights
from streaming.recordings.format import Recording


def advice_about(recording: Recording) -> list[str]:
    """Why the run ended early, if it did, and what is remarkable about it; empty if there is nothing to say."""
    ended = recording.ended
    end = f"The run was {ended.outcome}: {ended.reason} {ended.advice}".strip() if ended.reason else ""
    max_tokens = recording.header.settings.get("max_tokens")
    limit = max_tokens if isinstance(max_tokens, int) else None
    sentences = run_insights(recording.events, max_tokens=limit)
    return [sentence for sentence in (end, *sentences) if sentence]
