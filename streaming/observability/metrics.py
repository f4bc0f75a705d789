"""Metrics of runs, by OpenTelemetry's conventions for generative AI and a few of the lab's own.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/
"""

from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from streaming.core.model_spec import ModelSpec
from streaming.core.queue_stats import QueueStats
from streaming.core.run import Run
from streaming.projections.metrics import Metrics
from streaming.providers.catalogue import model_name

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_GAPS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56)
_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)
_MAX_MODELS = 40
_PROVIDERS = {"local": "llama.cpp"}
"""Those that are called otherwise here than in the lab."""


class RunInstruments:
    """The instruments; each run is counted once, when it has ended."""

    def __init__(self, meter: Meter, stats: Callable[[], QueueStats]) -> None:
        self._models: set[str] = set()
        seconds: dict[str, Any] = {"unit": "s", "explicit_bucket_boundaries_advisory": _SECONDS}
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration", description="End-to-end latency of runs.", **seconds
        )
        self._first = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk", description="TTFT of runs.", **seconds
        )
        self._gap = meter.create_histogram(
            "gen_ai.client.operation.time_per_output_chunk",
            unit="s",
            description="Inter-token latency.",
            explicit_bucket_boundaries_advisory=_GAPS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Tokens of a run, as the provider counts them.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._runs = meter.create_counter("streaming_lab.runs", unit="{run}", description="Runs by outcome.")
        self._repeats = meter.create_counter(
            "streaming_lab.repeated_attempts", unit="{attempt}", description="Times that a provider was asked again."
        )
        self._bytes = meter.create_counter(
            "streaming_lab.streamed", unit="By", description="Weight of the stream parts, by stream mode."
        )
        meter.create_observable_gauge(
            "streaming_lab.runs_running", [_observe(lambda: stats().running)], unit="{run}", description="Runs at work."
        )
        meter.create_observable_gauge(
            "streaming_lab.runs_waiting",
            [_observe(lambda: stats().waiting)],
            unit="{run}",
            description="Runs that wait for a place.",
        )

    def record(self, run: Run, metrics: Metrics, gaps: Iterable[float]) -> None:
        """Count a run that has ended."""
        names = self.attributes(run)
        error = run.ended.error if run.ended else ""
        outcome = {**names, **({"error.type": error} if error else {})}
        _record(self._duration, metrics.e2e_s, outcome)
        _record(self._first, metrics.ttft_s, names)
        for gap in gaps:
            self._gap.record(gap, names)
        for kind, count in (("input", metrics.input_tokens), ("output", metrics.output_tokens)):
            _record(self._tokens, count, {**names, "gen_ai.token.type": kind})
        self._runs.add(1, {**outcome, "streaming_lab.outcome": run.ended.outcome if run.ended else "lost"})
        if metrics.attempts > 1:
            self._repeats.add(metrics.attempts - 1, names)
        for mode, size in metrics.bytes_by_mode.items():
            self._bytes.add(size, {**names, "streaming_lab.mode": mode})

    def attributes(self, run: Run) -> dict[str, str]:
        """What tells series apart; a visitor who types ever new model names must not make ever new series."""
        model = model_name(run.request.model)
        if len(self._models) < _MAX_MODELS:
            self._models.add(model)
        return {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": run.request.graph.name,
            "gen_ai.provider.name": provider_name(run.request.model),
            "gen_ai.request.model": model if model in self._models else "other",
        }


def provider_name(spec: ModelSpec) -> str:
    """The provider by its name in the conventions, or by the lab's own where they have none."""
    return _PROVIDERS.get(spec.provider, spec.provider)


def _record(histogram: Any, value: float | None, attributes: dict[str, str]) -> None:
    if value is not None:
        histogram.record(value, attributes)


def _observe(read: Callable[[], int]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda options: [Observation(read())]
