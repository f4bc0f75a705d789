"""The log: one line in each form, without keys, passwords and terminal codes."""

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

KEY = "sk-planted-0123456789"


@pytest.mark.parametrize("form", ["json", "console"])
def test_keys_passwords_and_terminal_codes_never_reach_the_log(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "an odd key")
    file = io.StringIO()
    log = logger(form, file)
    log.info(
        "x", a=f"with {KEY} in it", b="an odd key", c="postgresql://me:planted@db/x", d="Bearer abc.def", e="\x1b[2Jz"
    )
    try:
        raise ValueError(KEY)
    except ValueError:
        log.exception("failed")
    text = file.getvalue()
    assert text.count("\n") >= 2
    for secret in (KEY, "an odd key", "planted@", "abc.def"):
        assert secret not in text
    assert "\x1b[2J" not in text
    assert "\\u001b[2J" not in text


def test_log_that_is_off_writes_nothing() -> None:
    file = io.StringIO()
    logger("off", file).error("x")
    assert file.getvalue() == ""
