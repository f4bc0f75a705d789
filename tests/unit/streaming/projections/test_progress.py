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


def bar_after(*reports: object) -> float | None:
    return apply_all(Progress(), log(*[(0, Custom(ns=(), data=data)) for data in reports])).fraction


def test_the_scale_of_a_bare_number_is_that_of_the_numbers_beside_it() -> None:
    assert bar_after({"progress": 0.4}, {"progress": 1}) == 1.0
    assert bar_after({"progress": 1}) is None
    assert bar_after({"progress": 0}, {"progress": 1}) == 0.0
    assert bar_after({"progress": 1}, {"progress": 2}) == 0.02
    assert bar_after({"progress": 0.5}, {"progress": 1.5}, {"progress": 1}) == 0.015


def test_counts_of_another_total_begin_another_job() -> None:
    assert bar_after({"done": 10, "total": 10}, {"done": 1, "total": 5}) == 0.2
    assert bar_after({"done": 3, "total": 10}, {"done": 2, "total": 10}) == 0.3


def test_a_report_with_an_odd_field_is_shown_as_it_was_written() -> None:
    data = {"kind": "progress", "fraction": "soon", "status": "Reading"}
    progress = apply_all(Progress(), log((0, Custom(ns=(), data=data))))
    assert progress.status == "Reading"
    assert (progress.steps[0].status, progress.steps[0].data) == (None, data)


def test_while_nothing_tells_how_far_the_job_is_the_bar_is_that_of_the_last_counted_step() -> None:
    reports: list[object] = [
        {"step": "retrieval", "done": 2, "total": 5},
        {"step": "ranking", "done": 1, "total": 4},
        "other",
    ]
    progress = apply_all(Progress(), log(*[(0, Custom(ns=(), data=data)) for data in reports]))
    assert progress.fraction is None
    assert progress.shown == (0.25, "ranking: 1 of 4")
    of_job = {"progress": 0.4, "status": "Writing"}
    progress = apply_all(progress, log((0, Custom(ns=(), data=of_job))))
    assert progress.shown == (0.4, "Writing")
