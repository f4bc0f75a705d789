"""A run in one line: ids, graph and model, outcome and figures."""

from typing import Any

from streaming.core.run import Run, short_id
from streaming.projections.answer_ends import AnswerEnds, endings_of
from streaming.projections.inferences import ModelName
from streaming.projections.metrics import Metrics
from streaming.providers.catalogue import model_name


def summarize_run(run: Run, metrics: Metrics, answering: ModelName, answers: AnswerEnds) -> dict[str, Any]:
    """The fields of the line, in milliseconds, tokens and bytes, without unknown ones.

    `provider` and `model` wrote the answer; `asked` is the model of the request if that is a different one. `answers`
    are the ways in which its answers ended.
    """
    request, ended = run.request, run.ended
    requested = model_name(request.model)
    line = {
        "run": short_id(run.id),
        "thread": short_id(run.thread_id),
        "session": short_id(request.labels.get("owner", "")) or None,
        "graph": request.graph.name,
        "provider": answering.provider,
        "model": answering.name,
        "asked": requested if (request.model.provider, requested) != (answering.provider, answering.name) else None,
        "api": request.api,
        "modes": ",".join(request.modes),
        "outcome": ended.outcome if ended else "lost",
        "error": (ended.error if ended else "") or None,
        "answers": endings_of(answers.ends) or None,
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
