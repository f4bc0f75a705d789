"""The fault lab as a script: what is expected happens, and what can be done about it is offered and works."""

from streamlit.testing.v1 import AppTest

from components.features.faults import RESTARTED
from components.run_panel.ended_run import metrics_of
from streaming.core.events import Token
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Resume
from streaming.faults.catalogue import FAULTS, RESULTS
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.run_state import RunState
from tests.support.app_test import assert_completed, mounts, opened, runs_in, texts


def faults(title: str, **query: str) -> AppTest:
    return opened("faults", fault=title, autorun="1", **query)


def spoken_in(app: AppTest) -> dict[str, str]:
    """The text of each node in the page's run."""
    return {message.node: message.text for message in apply_all(Messages(), runs_in(app)[0].events).answers()}


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_the_page_documents_every_fault() -> None:
    app = opened("faults")
    assert not app.exception
    shown = app.dataframe[0].value
    assert set(shown["Fault"]) == {fault.title for fault in FAULTS.values()} - {"No fault"}
    assert all(meaning in texts(app) for meaning in RESULTS.values())
    assert mounts(app)["faults"]["settings"]["idle"].startswith("Press Run")


def test_an_answer_that_is_cut_stays_and_can_be_continued() -> None:
    app = faults("Cut")
    assert ":red-badge[Failed]" in texts(app)
    assert runs_in(app)[0].ended.cut
    assert {"Continue", "Retry", "Keep"} <= labels(app)
    kept = spoken_in(app)["generate_joke"]
    app.button(key="continue").click().run()
    assert_completed(app)
    assert not {"Continue", "Retry", "Keep"} & labels(app)
    (continued,) = runs_in(app)
    tokens = [(entry.event, entry.t) for entry in continued.events if isinstance(entry.event, Token)]
    texts_at = [(token.text, at) for token, at in tokens if token.text]
    (first, first_at), (_, second_at), *_ = texts_at
    assert first == kept
    assert metrics_of(continued).ttft_s == second_at > first_at, "the text that was kept is no first text"


def test_a_cut_answer_can_be_requested_again_from_its_start() -> None:
    app = faults("Cut")
    cut, position = spoken_in(app), runs_in(app)[0].ended.checkpoint_id
    assert position
    app.button(key="retry").click().run()
    assert_completed(app)
    (again,) = runs_in(app)
    assert again.request.resume == Resume(expects=position)
    assert len(spoken_in(app)["generate_joke"]) > len(cut["generate_joke"]), "this time it is whole"


def test_a_cut_answer_can_be_kept_as_the_whole_answer() -> None:
    app = faults("Cut")
    cut, position = spoken_in(app), runs_in(app)[0].ended.checkpoint_id
    app.button(key="keep").click().run()
    (kept,) = runs_in(app)
    assert kept.status == "Completed"
    assert ":orange-badge[Kept, incomplete]" in texts(app)
    assert "Completed]" not in texts(app)
    answer = PartialAnswer(text=cut["generate_joke"], continues=False)
    assert kept.request.resume == Resume(partial_answers={"generate_joke": answer}, expects=position)
    assert spoken_in(app)["generate_joke"] == cut["generate_joke"]


def test_an_answer_can_be_restarted_without_asking() -> None:
    app = faults("Cut", restart="true")
    assert_completed(app)
    assert not runs_in(app)[0].ended.cut


def test_what_cannot_be_reached_is_answered_by_the_second_model() -> None:
    app = opened("faults", fault="401 Unauthorized")
    app.selectbox(key="second").set_value("Scripted, no AI")
    app.button(key="run").click().run()
    assert_completed(app)
    assert "answered instead" in texts(app)


def test_a_busy_provider_is_retried_and_the_steps_are_shown() -> None:
    app = faults("503 Service Unavailable")
    assert_completed(app)
    (run,) = runs_in(app)
    found = mounts(app)
    assert {"figures", "tokens", "timeline", "faults"} <= set(found)
    assert all(mount["runs"] == [run.id] for mount in found.values())
    marks = [mark.text for mark in apply_all(RunState(), run.events).marks]
    assert any("503 Service Unavailable" in text for text in marks)
    assert any("attempt 2 of 3" in text for text in marks)


def test_a_reloaded_page_shows_the_run_again() -> None:
    first = faults("Cut")
    ids = first.query_params["run"]
    again = opened("faults", run=ids[0] if isinstance(ids, list) else ids)
    assert mounts(again)["tokens"]["runs"] == [run.id for run in runs_in(first)]
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


def test_what_is_expected_of_a_restarted_answer_is_what_the_reader_sees() -> None:
    """The first part is on screen before it is dropped, so that nothing waits longer for the first token."""
    said = texts(opened("faults", fault="Cut", restart="true"))
    assert RESTARTED in said
    assert f":green-badge[healed] {RESULTS['healed']}]" not in said
    assert f":green-badge[healed] {RESULTS['healed']}]" in texts(opened("faults", fault="503 Service Unavailable"))


def test_a_run_with_another_fault_than_the_chosen_one_is_named() -> None:
    app = faults("Cut")
    assert "of the run before" not in texts(app)
    app.selectbox(key="fault").select("503 Service Unavailable").run()
    assert ":orange[of the run before: Cut, in the middle, once]" in texts(app)
