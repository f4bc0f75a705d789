"""A run in one line: ids, graph and model, outcome and figures."""

from typing import Any

from streaming.core.run import Run
from streaming.projections.inferences import ModelName
from streaming.projections.metrics import Metrics
from streaming.providers.catalogue import model_name

SHOWN = 8
"""Characters of an id in a log: enough to find the run, too few to follow it."""


def summarize_run(run: Run, metrics: Metrics, answering: ModelName) -> dict[str, Any]:
    """Fields of the line, in milliseconds, tokens and bytes; unknown ones are left out.

    `provider` and `model` are those that wrote the answer, `asked` is the model of the request where that is another.
    """
    request, ended = run.request, run.ended
    asked = model_name(request.model)
    line = {
        "run": run.id[:SHOWN],
        "thread": run.thread_id[:SHOWN],
        "session": request.labels.get("owner", "")[:SHOWN] or None,
        "graph": request.graph.name,
        "provider": answering.provider,
        "model": answering.name,
        "asked": asked if (request.model.provider, asked) != (answering.provider, answering.name) else None,
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
    return {name: value for name, value in line.items() if value is not None}


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value * 1000, 1)
