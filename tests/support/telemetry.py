"""What telemetry exports of a run."""

import io
from typing import Any

from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from streaming.core.run import Run
from streaming.observability.exporter import Telemetry
from streaming.observability.logs import logger


def exported(run: Run, **fields: Any) -> tuple[Telemetry, io.StringIO]:
    """Telemetry that has recorded this run, and the file of its log."""
    file = io.StringIO()
    telemetry = Telemetry(log=logger("json", file), **fields)
    telemetry.record(run)
    return telemetry, file


def points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    """Data points by the name of their metric."""
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


def traced(run: Run) -> dict[str, ReadableSpan]:
    """The spans of the run's trace by name."""
    exporter = InMemorySpanExporter()
    telemetry, _ = exported(run, processors=[SimpleSpanProcessor(exporter)])
    telemetry.close()
    return {span.name: span for span in exporter.get_finished_spans()}
