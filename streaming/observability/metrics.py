"""Metrics of runs, by OpenTelemetry's conventions for generative AI, and some with names of our own.

The client metrics are defined per inference: they are recorded for each call of a model that wrote a message, if the
log holds the figure. An answer that came whole has no time to its first chunk. The workflow metric is that of a whole
run. TTFT and wait of a run have no name in the conventions.

https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md
"""

from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from streaming.core.model_spec import ModelSpec
from streaming.core.queue_stats import QueueStats
from streaming.core.request import RunRequest
from streaming.core.run import Run
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.inferences import Inference, Inferences, ModelName
from streaming.projections.metrics import Metrics
from streaming.providers.catalogue import model_name

_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_GAPS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56)
_RUN_SECONDS = (*_SECONDS, 163.84, 327.68)
"""The conventions' buckets for a workflow begin at 1 s, which is longer than many runs here."""

_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536)
_MAX_MODELS = 40
_PROVIDERS = {"local": "llama.cpp"}
"""Providers whose name in the conventions differs from ours."""


class RunInstruments:
    """The metric instruments; each run is recorded once, when it has ended."""

    def __init__(self, meter: Meter, stats: Callable[[], QueueStats]) -> None:
        self._models: set[str] = set()
        inference: dict[str, Any] = {"unit": "s", "explicit_bucket_boundaries_advisory": _SECONDS}
        whole_run: dict[str, Any] = {"unit": "s", "explicit_bucket_boundaries_advisory": _RUN_SECONDS}
        self._duration = meter.create_histogram(
            "gen_ai.client.operation.duration", description="From a request to the end of its answer.", **inference
        )
        self._first_chunk = meter.create_histogram(
            "gen_ai.client.operation.time_to_first_chunk",
            description="From a request to the first chunk of its answer; streamed answers only.",
            **inference,
        )
        self._gap = meter.create_histogram(
            "gen_ai.client.operation.time_per_output_chunk",
            unit="s",
            description="Gap between two chunks of one answer (inter-token latency).",
            explicit_bucket_boundaries_advisory=_GAPS,
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Tokens of an inference, as the provider counts them.",
            explicit_bucket_boundaries_advisory=_TOKENS,
        )
        self._workflow = meter.create_histogram(
            "gen_ai.invoke_workflow.duration", description="From a run's submission to its end.", **whole_run
        )
        self._ttft = meter.create_histogram(
            "streaming_lab.run.ttft", description="From a run's submission to its first visible text.", **whole_run
        )
        self._wait = meter.create_histogram(
            "streaming_lab.run.wait",
            description="From a run's submission to its graph's input: queue, rate limit, loading of the model.",
            **whole_run,
        )
        self._runs = meter.create_counter("streaming_lab.runs", unit="{run}", description="Runs by outcome.")
        self._answers = meter.create_counter(
            "streaming_lab.answers", unit="{answer}", description="Answers of models by the way in which they ended."
        )
        self._repeats = meter.create_counter(
            "streaming_lab.repeated_attempts", unit="{attempt}", description="Retries of a provider."
        )
        self._bytes = meter.create_counter(
            "streaming_lab.streamed", unit="By", description="Size of the stream parts, by stream mode."
        )
        meter.create_observable_gauge(
            "streaming_lab.runs_running",
            [_observe(lambda: stats().running)],
            unit="{run}",
            description="Running runs.",
        )
        meter.create_observable_gauge(
            "streaming_lab.runs_waiting",
            [_observe(lambda: stats().waiting)],
            unit="{run}",
            description="Runs that wait in the queue.",
        )

    def record(self, run: Run, metrics: Metrics, inferences: Inferences, answers: AnswerEnds) -> None:
        """Count a run that has ended."""
        error = run.ended.error if run.ended else ""
        for inference in inferences.inferences:
            self._record_inference(inference)
        names = {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.workflow.name": run.request.graph.name,
            **self._model_attributes(inferences.models[-1]),
        }
        outcome = {**names, **({"error.type": error} if error else {})}
        _record(self._workflow, metrics.e2e_s, outcome)
        _record(self._ttft, metrics.ttft_s, names)
        _record(self._wait, metrics.wait_s, names)
        self._runs.add(1, {**outcome, "streaming_lab.outcome": run.ended.outcome if run.ended else "lost"})
        for answer in answers.ends:
            self._answers.add(1, {**names, "streaming_lab.answer": answer.ending})
        if metrics.attempts > 1:
            self._repeats.add(metrics.attempts - 1, names)
        for mode, size in metrics.bytes_by_mode.items():
            self._bytes.add(size, {**names, "streaming_lab.mode": mode})

    def _record_inference(self, inference: Inference) -> None:
        names = {"gen_ai.operation.name": "chat", **self._model_attributes(inference.model)}
        outcome = {**names, **({"error.type": inference.error} if inference.error else {})}
        _record(self._duration, inference.duration_s, outcome)
        _record(self._first_chunk, inference.time_to_first_chunk_s, names)
        if inference.streamed:
            for gap in inference.gaps:
                self._gap.record(gap, names)
        for kind in ("input", "output"):
            count = (inference.usage or {}).get(f"{kind}_tokens")
            _record(self._tokens, count, {**names, "gen_ai.token.type": kind})

    def _model_attributes(self, model: ModelName) -> dict[str, str]:
        """Provider and model; beyond `_MAX_MODELS` names a model is `other`: visitors can type any name."""
        if len(self._models) < _MAX_MODELS:
            self._models.add(model.name)
        return {
            "gen_ai.provider.name": provider_name(model.provider),
            "gen_ai.request.model": model.name if model.name in self._models else "other",
        }


def inferences_of(request: RunRequest) -> Inferences:
    """An empty projection of inferences for the models that this request can call."""
    fallback = request.fallback_model
    return Inferences(requested=_name_of(request.model), fallback=_name_of(fallback) if fallback else None)


def _name_of(spec: ModelSpec) -> ModelName:
    return ModelName(provider=spec.provider, name=model_name(spec))


def spec_of(model: ModelName, request: RunRequest) -> ModelSpec | None:
    """The settings of this model in the request; `None` for a model of the graph's own."""
    specs = (request.model, request.fallback_model)
    return next((spec for spec in specs if spec is not None and _name_of(spec) == model), None)


def provider_name(provider: str) -> str:
    """The provider's name in the conventions, or ours where they have none."""
    return _PROVIDERS.get(provider, provider)


def _record(histogram: Any, value: float | None, attributes: dict[str, str]) -> None:
    if value is not None:
        histogram.record(value, attributes)


def _observe(read: Callable[[], int]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _options: [Observation(read())]
