"""The comparison of the event APIs asks for the stored threads once."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from components.features import event_api_comparison
from streaming.core.errors import CheckpointerUnavailable
from tests.support.events import log, token


def draw_forms() -> None:
    import streamlit as st

    from components.features.event_api_comparison import _remember_stored_form

    st.text(" ".join(_remember_stored_form(run) for run in st.session_state["runs"]))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the runs whose thread was looked up."""
    ids: list[str] = []

    def stored_as(run: Any) -> str:
        ids.append(run.id)
        return "string"

    monkeypatch.setattr(event_api_comparison, "stored_as", stored_as)
    return ids


def test_each_finished_run_is_looked_up_once_however_often_the_page_is_drawn(asked: list[str]) -> None:
    app = AppTest.from_function(draw_forms)
    app.session_state["runs"] = [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
    app.run().run()
    assert asked == ["a", "b"]
    app.session_state["runs"] = [SimpleNamespace(id="b"), SimpleNamespace(id="c")]
    app.run()
    assert asked == ["a", "b", "c"]
    assert app.text[0].value == "string string"


def test_a_lookup_that_failed_is_tried_again(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    app = AppTest.from_function(draw_forms)
    app.session_state["runs"] = [SimpleNamespace(id="a")]

    def fail(run: Any) -> str:
        raise CheckpointerUnavailable("no database", advice="")

    with monkeypatch.context() as failing:
        failing.setattr(event_api_comparison, "stored_as", fail)
        assert app.run().exception
    assert not app.run().exception
    assert asked == ["a"]


@pytest.mark.parametrize(("texts", "same"), [(("One", "One"), True), (("One", "Two"), False)])
def test_bytes_are_compared_only_for_equal_answers(texts: tuple[str, ...], same: bool) -> None:
    runs = [SimpleNamespace(events=log((1.0, token(text))), request=SimpleNamespace(prompt="?")) for text in texts]
    assert event_api_comparison._same_answers(cast(Any, runs)) is same


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("Completed", "Completed", "Failed", "Failed"), True),
        (("Completed", "Completed", "Failed", "Completed"), True),
        (("Completed", "Failed", "Failed", "Failed"), False),
        (("Completed", "Cancelled", "Failed", "Failed"), False),
        (("Completed", "Completed", "Cancelled", "Completed"), False),
    ],
)
def test_what_v3_stores_is_told_where_it_alone_has_failed(states: tuple[str, ...], told: bool) -> None:
    runs = {api: SimpleNamespace(status=state) for api, state in zip(event_api_comparison.ABOUT, states, strict=True)}
    assert event_api_comparison._only_v3_failed(cast(Any, runs)) is told
