"""What the unit tests of the engine share."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from streaming.faults.server import FaultServer
from tests.support.postgres import empty_database, postgres_server


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def postgres(_postgres_server: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for the tests of a module; all share the server, whose start is slow."""
    with empty_database(_postgres_server) as url:
        yield url


@pytest.fixture(scope="module")
def fault_server() -> Iterator[FaultServer]:
    """A provider that fails on purpose, for the tests of a module."""
    with closing(FaultServer()) as server:
        yield server
