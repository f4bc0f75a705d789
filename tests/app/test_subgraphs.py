"""The page about subgraphs as a script."""

from tests.support.app_test import assert_completed, mounts, opened, runs_in, texts


def test_shows_what_is_lost_without_subgraphs() -> None:
    app = opened("subgraphs", autorun="1")
    assert_completed(app)
    table = next(frame.value for frame in app.dataframe if "subgraphs=True" in frame.value)
    assert next(iter(table["subgraphs=True"])) == "3"
    assert next(iter(table["subgraphs=False"])) == "1"
    assert "`summarise`" in texts(app)


def test_both_runs_are_side_by_side_and_the_raw_parts_are_those_of_the_first() -> None:
    app = opened("subgraphs", autorun="1")
    runs = [run.id for run in runs_in(app)]
    assert mounts(app)["namespaces"]["runs"] == mounts(app)["tokens"]["runs"] == runs
    assert mounts(app)["raw"]["runs"] == mounts(app)["diagram"]["runs"] == runs[:1]
