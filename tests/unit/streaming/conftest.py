"""What the unit tests of the engine share."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from streaming.faults.server import FaultServer


@pytest.fixture(scope="module")
def fault_server() -> Iterator[FaultServer]:
    """A provider that fails on purpose, for the tests of a module."""
    with closing(FaultServer()) as server:
        yield server
