"""What all app tests share.

The end of a run reaches the page as the player reports it in a browser. And Streamlit's AppTest leaves event loops and
temporary files to the garbage collector: here, and only here, it may.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_test import run_until_end

HERE = Path(__file__).parent
LEFT_BEHIND = ("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            for warning in LEFT_BEHIND:
                item.add_marker(pytest.mark.filterwarnings(warning))


@pytest.fixture(autouse=True)
def _ends_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script ends while its runs go on: a test sees the page as it is when they have ended."""
    monkeypatch.setattr(AppTest, "_run", run_until_end)


@pytest.fixture(scope="package", autouse=True)
def _collect_what_is_left() -> Iterator[None]:
    """Otherwise it would be found, and reported, during a test of another folder."""
    yield
    gc.collect()
