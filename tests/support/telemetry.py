"""What telemetry exports of a run."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
import pytest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, generate_latest
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.queue_stats import QueueStats
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.observability import exporter as module
from streaming.observability.exporter import Telemetry
from streaming.observability.logs import logger
from streaming.observability.metrics import provider_name
from streaming.providers.catalogue import model_name
from streaming.runtime.engine import Engine
from tests.support.faults import run_into, three_calls
from tests.support.graphs import QUICK, finish, one_node, speak, start


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
