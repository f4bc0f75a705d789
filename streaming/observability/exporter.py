"""Telemetry of runs that have ended: a log line, metrics and a trace."""

import os
import platform
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from streaming.core.queue_stats import QueueStats
from streaming.core.run import Run, short_id
from streaming.observability.metrics import RunInstruments, inferences_of
from streaming.observability.run_summary import summarize_run
from streaming.observability.traces import trace_run
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_NAME = "streaming-lab"


class Telemetry:
    """Log, metrics and traces of runs that have ended; traces are made only if a processor takes them."""

    def __init__(
        self,
        *,
        log: Any,
        readers: Sequence[MetricReader] = (),
        processors: Sequence[SpanProcessor] = (),
        stats: Callable[[], QueueStats] = lambda: QueueStats(running=0, waiting=0),
    ) -> None:
        self._log = log
        resource = Resource.create({"service.name": _NAME, "process.runtime.version": platform.python_version()})
        self._meters = MeterProvider(readers, resource=resource)
        self._metrics = RunInstruments(self._meters.get_meter(_NAME), stats)
        self._traces = TracerProvider(resource=resource)
        self._tracing = bool(processors)
        for processor in processors:
            self._traces.add_span_processor(processor)

    def record(self, run: Run) -> None:
        """Log, count and trace a run that has ended."""
        metrics = apply_all(MetricsCollector(), run.events).metrics()
        inferences = apply_all(inferences_of(run.request), run.events)
        answers = apply_all(AnswerEnds(), run.events)
        self._log.info("run", **summarize_run(run, metrics, inferences.models[-1], answers))
        self._metrics.record(run, metrics, inferences, answers)
        if self._tracing:
            trace_run(self._traces.get_tracer(_NAME), run, inferences, answers)

    def observe(self, run: Run) -> None:
        """Record a run that has ended. Telemetry errors never fail a run."""
        try:
            self.record(run)
        except Exception as error:  # noqa: BLE001 - telemetry never fails a run
            self._log.error("telemetry", error=type(error).__name__, run=short_id(run.id))

    def close(self) -> None:
        """Send what has not been sent yet."""
        self._traces.shutdown()
        self._meters.shutdown()


def open_telemetry(*, log: Any, stats: Callable[[], QueueStats]) -> Telemetry:
    """Metrics for Prometheus always; OTLP only where the environment names an endpoint."""
    readers: list[MetricReader] = [PrometheusMetricReader()]
    processors: list[SpanProcessor] = []
    if os.environ.get(ENDPOINT):
        # Imported here because most servers export nothing.
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
        processors.append(BatchSpanProcessor(OTLPSpanExporter()))
    return Telemetry(log=log, readers=readers, processors=processors, stats=stats)
