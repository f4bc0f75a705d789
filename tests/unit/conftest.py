"""What the unit tests share."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from streaming.runtime.engine import Engine

LONGEST = ("test_product_limits.py",)
"""Files that begin first: in the end their tests would be spread, each process would make their runs of 200,000 events
again, and the others would wait for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Processes get neighbours together, all but the last ones."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine for the tests of a module; it is closed with everything that it has opened."""
    with closing(Engine()) as engine:
        yield engine
