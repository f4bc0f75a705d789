"""Progress as nodes report it."""

from hypothesis import given
from hypothesis import strategies as st

from streaming.core.events import Custom
from streaming.projections.base import apply_all
from streaming.projections.progress import Progress
from tests.support.events import log


def test_fraction_and_status_stay_where_a_report_does_not_have_them() -> None:
    reports = [{"kind": "progress", "fraction": 0.6, "status": "a"}, {"kind": "progress"}, "other"]
    progress = apply_all(Progress(), log(*[(0, Custom(ns=(), data=data)) for data in reports]))
    assert (progress.fraction, progress.status) == (0.6, "a")
    assert progress.steps[2].data == "other"
    assert progress.steps[2].fraction is None


@given(st.lists(st.floats(-1, 3), min_size=1))
def test_fraction_never_falls_and_never_exceeds_one(fractions: list[float]) -> None:
    progress, seen = Progress(), [0.0]
    for entry in log(*[(0, Custom(ns=(), data={"kind": "progress", "fraction": value})) for value in fractions]):
        progress.apply(entry)
        seen.append(progress.fraction or 0.0)
    assert seen == sorted(seen)
    assert seen[-1] <= 1.0
