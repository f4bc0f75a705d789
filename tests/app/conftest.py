"""What all app tests share: the end of a run reaches the page, as the player reports it in a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_test import run_until_end


@pytest.fixture(autouse=True)
def _ends_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script ends while its runs go on: a test sees the page as it is when they have ended."""
    monkeypatch.setattr(AppTest, "_run", run_until_end)
