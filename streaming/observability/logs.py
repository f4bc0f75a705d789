"""Structured logs: one line for each run on standard error, for a person (`console`) or a machine (`json`)."""

import os
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from streaming.providers.catalogue import KEY_ENV
from streaming.providers.redaction import redact

LogLine = MutableMapping[str, Any]
_MAX_CHARS = 2000


def redact_event(logger: Any, method: str, event: LogLine) -> LogLine:
    """Remove keys, passwords and terminal codes from every string of the event."""
    keys = [key for name in KEY_ENV.values() if (key := os.environ.get(name))]
    return {name: _redacted(value, keys) for name, value in event.items()}


def logger(form: str, file: TextIO | None = None) -> Any:
    """A logger of this form: `console`, `json`, or `off`, which writes nothing."""
    file = file or sys.stderr
    renderer: Any = structlog.processors.JSONRenderer()
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=file.isatty(), pad_event_to=0)
    return structlog.wrap_logger(
        structlog.PrintLogger(file),
        processors=[
            *([_drop] if form == "off" else []),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
            renderer,
        ],
    )


def _drop(logger: Any, method: str, event: LogLine) -> LogLine:
    raise structlog.DropEvent


def _redacted(value: Any, keys: list[str]) -> Any:
    if isinstance(value, str):
        return redact(value, keys, max_chars=_MAX_CHARS)
    if isinstance(value, dict):
        return {name: _redacted(part, keys) for name, part in value.items()}
    return [_redacted(part, keys) for part in value] if isinstance(value, list | tuple) else value
