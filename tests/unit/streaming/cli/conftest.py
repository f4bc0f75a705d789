"""Commands with the services of the test, in this process."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from typer.testing import CliRunner

from streaming.cli.app import app
from streaming.cli.entry import Entry
from streaming.services import Services

Invoke = Callable[..., Any]


@pytest.fixture
def invoke(services: Services) -> Invoke:
    """`invoke("run", "a prompt")` returns what the command printed and its exit code."""
    entry = Entry(load_graphs=lambda: import_module("graphs").ALL, services=services)
    return lambda *arguments: CliRunner().invoke(app, list(arguments), obj=entry)
