"""The page about parallel branches as a script."""

import pytest

from streaming.projections.base import apply_all
from streaming.projections.branches import Branches
from tests.support.app_test import assert_completed, mounts, opened, runs_in


@pytest.mark.parametrize("order", ["grouped by node", "by arrival"])
def test_the_player_draws_the_branches_in_the_chosen_order(order: str) -> None:
    app = opened("parallel", autorun="1", order=order)
    assert_completed(app)
    (run,) = runs_in(app)
    found = mounts(app)
    assert {"figures", "branches", "timeline", "diagram", "raw"} <= set(found)
    assert all(mount["runs"] == [run.id] for mount in found.values())
    assert found["branches"]["settings"]["order"] == order


def test_the_end_compares_all_branches_by_name_and_clock() -> None:
    app = opened("parallel", autorun="1")
    assert_completed(app)
    table = app.dataframe[0].value
    assert set(table["branch"]) == {"think · cheap", "think · fun", "think · quick", "merge"}
    assert list(table["branch"])[-1] == "merge"
    found = apply_all(Branches(), runs_in(app)[0].events)
    assert list(table["chunks"]) == [branch.chunks for branch in found.writing]
