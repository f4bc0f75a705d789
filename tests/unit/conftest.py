"""What the unit tests share."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from streaming.runtime.engine import Engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine for the tests of a module; it is closed with everything that it has opened."""
    with closing(Engine()) as engine:
        yield engine
