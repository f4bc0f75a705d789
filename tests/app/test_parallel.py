"""The page about parallel branches as a script."""

import pytest

from tests.support.app_test import assert_completed, opened, texts


@pytest.mark.parametrize("order", ["grouped by node", "by arrival"])
def test_each_branch_has_its_name_and_its_clock(order: str) -> None:
    app = opened("parallel", autorun="1", order=order)
    assert_completed(app)
    assert all(f"think · {angle}" in texts(app) for angle in ("cheap", "fun", "quick"))
    assert list(app.dataframe[0].value["branch"])[-1] == "merge"
