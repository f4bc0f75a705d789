"""A run in one line: ids, what was asked of whom, how it ended, and its figures."""

from typing import Any

from streaming.core.run import Run
from streaming.projections.metrics import Metrics
from streaming.providers.catalogue import model_name

SHOWN = 8
"""Characters of an id: enough to find it, and too few to follow the run with it."""


def summarize_run(run: Run, metrics: Metrics) -> dict[str, Any]:
    """Names follow the GenAI conventions where they have one; milliseconds, tokens, bytes; unknown is left out."""
    request, ended = run.request, run.ended
    said = {
        "run": run.id[:SHOWN],
        "thread": run.thread_id[:SHOWN],
        "session": request.labels.get("owner", "")[:SHOWN] or None,
        "graph": request.graph.name,
        "provider": request.model.provider,
        "model": model_name(request.model),
        "api": request.api,
        "modes": ",".join(request.modes),
        "outcome": ended.outcome if ended else "lost",
        "error": (ended.error if ended else "") or None,
        "wait_ms": _ms(metrics.wait_s),
        "ttft_ms": _ms(metrics.ttft_s),
        "e2e_ms": _ms(metrics.e2e_s),
        "tokens_per_s": None if metrics.tokens_per_s is None else round(metrics.tokens_per_s, 1),
        "input_tokens": metrics.input_tokens,
        "output_tokens": metrics.output_tokens,
        "chunks": metrics.chunks,
        "events": metrics.events,
        "bytes": metrics.bytes,
        "attempts": metrics.attempts,
        "fallback": (metrics.fallback.to or "invoke") if metrics.fallback else None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value * 1000, 1)
