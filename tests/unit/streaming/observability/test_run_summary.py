"""The log line of a run."""

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
from tests.support.telemetry import exported, points, traced



def test_run_is_one_log_line_with_ids_figures_and_outcome(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}, prompt="a private question"))
    _, file = exported(run)
    (line,) = file.getvalue().splitlines()
    fields = json.loads(line)
    assert fields["run"] == run.id[:8]
    assert run.id not in line, "the whole id is the right to follow the run"
    assert (fields["outcome"], fields["provider"], fields["graph"]) == ("completed", "scripted", "test")
    assert fields["ttft_ms"] > 0
    assert fields["tokens_per_s"] > 0
    assert fields["output_tokens"] > 0
    assert "private" not in line
