"""The page about event APIs as a script."""

import pytest

from streaming.core.errors import CheckpointerUnavailable
from streaming.runtime.engine import Engine
from tests.support.app_test import assert_completed, mounts, opened, players, runs_in, texts


def test_compares_four_apis_and_what_they_store() -> None:
    app = opened("events", autorun="1")
    assert_completed(app)
    table = app.dataframe[0].value
    assert list(table["api"]) == ["stream modes", "events v2", "events v3", "events v3, typed"]
    assert list(table["stores the message as"]) == ["string", "string", *["list of text blocks"] * 2]


def test_links_to_the_comparison_once_there_is_one() -> None:
    assert "Compared below, when all four have completed." in texts(opened("events"))
    ended = opened("events", autorun="1")
    assert "Compared below: [The same request, four times](#four-times)" in texts(ended)
    assert "four-times" in [title.anchor for title in ended.subheader]


@pytest.mark.parametrize("graph", ["joke", "chat", "rag", "report", "ideas", "research"])
def test_every_api_completes_on_every_graph(graph: str) -> None:
    assert_completed(opened("events", autorun="1", graph=graph))


def test_compares_v3_with_the_modes_that_it_sends_and_names_the_others() -> None:
    app = opened("events", autorun="1", graph="report")
    told = next(text.value for text in app.markdown if "v3 by default sends fewer" in text.value)
    left_out = told.partition("Of ")[2].partition(" it sent nothing")[0]
    assert set(left_out.split(", ")) == {"`updates`", "`custom`", "`tasks`", "`checkpoints`", "`debug`"}
    times = float(told.partition("came to **")[2].partition("×")[0])
    assert 0.8 < times < 2.0, "a message of a part has all fields, and v3 sends envelopes: about as many bytes"


def test_each_api_has_the_panel_of_its_own_run() -> None:
    app = opened("events", autorun="1")
    runs = [run.id for run in runs_in(app)]
    found = players(app)
    assert [player["runs"] for player in found if "kinds" in str(player["panels"])] == [runs[:2], runs[2:]]
    assert mounts(app)["raw"]["runs"] == [runs[2]], "the raw events are those of v3"


def test_shows_an_error_when_the_database_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*args: object) -> None:
        raise CheckpointerUnavailable("The database is away.", advice="Fetch it.")

    monkeypatch.setattr(Engine, "thread", unavailable)
    app = opened("events", autorun="1")
    assert_completed(app)
    assert "The database is away. Fetch it." in app.error[0].value
    assert set(app.dataframe[0].value["stores the message as"]) == {"unknown"}
