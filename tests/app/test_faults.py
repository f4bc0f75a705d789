"""The fault lab as a script: what is expected happens, and what can be done about it is offered and works."""

import pytest
from streamlit.testing.v1 import AppTest

from streaming.faults.catalogue import FAULTS, RESULTS
from tests.support.app_test import assert_completed, opened, texts


def faults(title: str, **query: str) -> AppTest:
    return opened("faults", fault=title, autorun="1", **query)


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_the_page_documents_every_fault() -> None:
    app = opened("faults")
    assert not app.exception
    shown = app.dataframe[0].value
    assert set(shown["Fault"]) == {fault.title for fault in FAULTS.values()} - {"No fault"}
    assert all(meaning in texts(app) for meaning in RESULTS.values())
    assert "Press Run" in texts(app)


def test_an_answer_that_is_cut_stays_and_can_be_continued() -> None:
    app = faults("Cut")
    assert ":red-badge[Failed]" in texts(app)
    assert "Broke off here" in texts(app)
    assert {"Continue", "Retry", "Keep"} <= labels(app)
    app.button(key="continue").click().run()
    assert_completed(app)
    assert "The first token had already arrived".lower() in texts(app).lower()
    assert not {"Continue", "Retry", "Keep"} & labels(app)


@pytest.mark.parametrize("key", ["retry", "keep"])
def test_it_can_be_retried_and_kept(key: str) -> None:
    app = faults("Cut")
    app.button(key=key).click().run()
    assert_completed(app)


def test_an_answer_can_be_restarted_without_asking() -> None:
    app = faults("Cut", restart="true")
    assert_completed(app)
    assert "Broke off" not in texts(app)


def test_what_cannot_be_reached_is_answered_by_the_second_model() -> None:
    app = opened("faults", fault="401 Unauthorized")
    app.selectbox(key="second").set_value("Scripted, no AI")
    app.button(key="run").click().run()
    assert_completed(app)
    assert "answered instead" in texts(app)


def test_a_busy_server_is_asked_again_and_the_steps_are_told() -> None:
    app = faults("503 Service Unavailable")
    assert_completed(app)
    steps = "".join(str(element.value) for element in app.get("html"))
    assert "503 Service Unavailable" in steps
    assert "attempt 2 of 3" in steps
    assert "provider" in steps


def test_a_reloaded_page_shows_the_run_again() -> None:
    first = faults("Cut")
    ids = first.query_params["run"]
    again = opened("faults", run=ids[0] if isinstance(ids, list) else ids)
    assert "Broke off here" in texts(again)
    assert {"Continue", "Retry", "Keep"} <= labels(again)


def test_a_link_reproduces_every_choice() -> None:
    app = opened("faults", fault="Cut", when="end", times="always", second="Scripted, no AI", attempts="2")
    assert not app.exception
    assert app.selectbox(key="when").value == "end"
    assert app.button_group(key="times").value == "always"
    assert app.selectbox(key="second").value == "Scripted, no AI"
    app.selectbox(key="when").select("before").run()
    assert app.query_params["when"] == "before"
    assert opened("faults", when="guess").selectbox(key="when").value == "middle"
