"""The page about subgraphs as a script."""

from tests.support.app_test import assert_completed, opened, texts


def test_shows_what_is_lost_without_subgraphs() -> None:
    app = opened("subgraphs", autorun="1")
    assert_completed(app)
    table = next(frame.value for frame in app.dataframe if "subgraphs=True" in frame.value)
    assert next(iter(table["subgraphs=True"])) == "3"
    assert next(iter(table["subgraphs=False"])) == "1"
    assert "`summarise`" in texts(app)
