"""Everything that is told of a run when it has ended."""

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
from streaming.core.run import Run
from streaming.observability.metrics import RunInstruments
from streaming.observability.run_summary import SHOWN, summarize_run
from streaming.observability.traces import trace_run
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
_NAME = "streaming-lab"


class Telemetry:
    """Log, traces and metrics of the runs that have ended; each part is off where nobody listens."""

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
        """Tell of a run that has ended."""
        latency = apply_all(MetricsCollector(), run.events)
        metrics = latency.metrics()
        self._log.info("run", **summarize_run(run, metrics))
        self._metrics.record(run, metrics, latency.gaps)
        if self._tracing:
            trace_run(self._traces.get_tracer(_NAME), run)

    def observe(self, run: Run) -> None:
        """Record a run that has ended; an error in telemetry never fails a run."""
        try:
            self.record(run)
        except Exception as error:
            self._log.error("telemetry", error=type(error).__name__, run=run.id[:SHOWN])

    def close(self) -> None:
        """Send what is left."""
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
