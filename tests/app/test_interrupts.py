"""The page about interrupts as a script: run, paused, and answered."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app_test import assert_completed, clicked, in_url, mounts, opened, reveals, runs_in, texts


def test_two_questions_are_shown_and_the_run_continues_with_the_answers() -> None:
    app = opened("interrupts", autorun="1")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Is this draft good?" in texts(app)
    assert "Where should it appear?" in texts(app)
    assert [reveal["target"] for reveal in reveals(app)] == ["questions"]
    clicked(app, "Resume")
    assert_completed(app)
    assert [reveal["target"] for reveal in reveals(app)] == ["token_pane"], "what goes on, above Resume"
    assert "before the pause" in texts(app)
    assert "Its figures count only what is new." in texts(app)
    assert mounts(app)["tokens"]["runs"] == [run.id for run in runs_in(app)]
    assert "Published" in [heading.value for heading in app.subheader]


def test_an_edited_draft_is_published_as_it_was_edited() -> None:
    app = opened("interrupts", autorun="1")
    action = next(group for group in app.button_group if group.label == "Your answer")
    action.set_value("edit").run()
    # In one message to the server, as from somebody who types and clicks at once.
    next(area for area in app.text_area if area.label == "Your text").set_value("Mine")
    clicked(app, "Resume")
    assert_completed(app)
    again = opened("interrupts", thread=in_url(app, "thread"))
    for page in (app, again):
        assert [heading.value for heading in page.subheader].count("Published") == 1
        assert "The draft was **edited**, the channel is **mail**." in texts(page)
        assert any(text.value.endswith("Mine") and "(mail)" in text.value for text in page.text)


def test_an_empty_edit_is_not_sent() -> None:
    app = opened("interrupts", autorun="1")
    next(group for group in app.button_group if group.label == "Your answer").set_value("edit").run()
    next(area for area in app.text_area if area.label == "Your text").set_value(" ")
    clicked(app, "Resume")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Write a text: an empty one cannot be published." in texts(app)
    assert next(button for button in app.button if button.label == "Resume").disabled


def test_a_draft_that_is_always_rejected_is_shown_as_not_published() -> None:
    app = opened("interrupts", autorun="1")
    for _ in range(3):
        assert [reveal["target"] for reveal in reveals(app)] == ["questions"]
        next(group for group in app.button_group if group.label == "Your answer").set_value("reject").run()
        clicked(app, "Resume")
    assert_completed(app)
    assert "Not published" in [heading.value for heading in app.subheader]
    assert "The last draft (draft 3) was **rejected** too." in texts(app)


@pytest.mark.parametrize("known", [True, False], ids=["a run of this server", "a thread alone"])
def test_a_question_that_another_tab_has_answered_is_not_asked_again(known: bool) -> None:
    first = opened("interrupts", autorun="1")
    run, thread = in_url(first, "run"), in_url(first, "thread")
    second = opened("interrupts", run=run) if known else opened("interrupts", thread=thread)
    late = opened("interrupts", run=run)
    clicked(second, "Resume")
    assert_completed(second)
    clicked(first, "Resume")
    for app in (first, late.run()):
        assert not app.exception
        assert "This question was answered already" in app.info[0].value
        assert "Resume" not in [button.label for button in app.button]
    clicked(first, "Show how it continued")
    assert "Published" in [heading.value for heading in first.subheader]
    assert "answered already" not in texts(first)


def test_a_rejected_draft_is_written_again_and_asked_about_again() -> None:
    app = opened("interrupts", autorun="1")
    next(group for group in app.button_group if group.label == "Your answer").set_value("reject").run()
    clicked(app, "Resume")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Where should it appear?" not in texts(app), "that one is answered"


def test_one_question_can_be_left_for_later() -> None:
    app = opened("interrupts", autorun="1")
    app.radio[0].set_value("later").run()
    clicked(app, "Resume")
    assert ":orange-badge[Interrupted]" in texts(app)
    assert "Where should it appear?" in texts(app)
    assert "Is this draft good?" not in texts(app)


def test_each_mode_is_listed_with_what_it_sends_at_an_interrupt() -> None:
    app = opened("interrupts", autorun="1")
    said = texts(app)
    assert "three of the seven modes send nothing" in said
    assert "the state again, with `interrupts`: 2 of" in said
    assert "again, in the trace: 2 of" in said
    assert said.count("nothing (") == 3


def test_each_static_breakpoint_pauses_without_a_question() -> None:
    app = opened("interrupts", pauses=["draft", "publish"], autorun="1")
    assert "Paused before `draft`" in texts(app)
    clicked(app, "Resume")
    assert "Is this draft good?" in texts(app)
    assert "Paused before" not in texts(app), "the questions come first"
    again = opened("interrupts", thread=in_url(app, "thread"), pauses="publish")
    clicked(again, "Resume")
    assert "Paused before `publish`" in texts(again)
    clicked(again, "Resume")
    assert_completed(again)


def test_a_thread_whose_server_is_gone_can_be_answered() -> None:
    before = opened("interrupts", autorun="1")
    thread_id = before.query_params["thread"]
    # The link that started it is still there, and so is the id of the run, which is gone with the server.
    query = {"thread": thread_id[0] if isinstance(thread_id, list) else thread_id, "autorun": "1", "run": "gone"}
    after = opened("interrupts", **query)
    after = opened("interrupts", thread=in_url(before, "thread"))
    assert "This thread was interrupted earlier" in after.info[0].value
    clicked(after, "Resume")
    assert_completed(after)


def test_an_unknown_thread_in_the_url_leaves_an_empty_page() -> None:
    app = opened("interrupts", thread="guess")
    assert not app.exception
    assert "thread" not in app.query_params


def test_two_questions_of_one_node_have_a_form_each() -> None:
    def page() -> None:
        from types import SimpleNamespace

        import streamlit as st

        from components.features.interrupts import ask_questions
        from streaming.core.events import Ended, Pending
        from streaming.runtime.engine import ThreadPosition

        questions = tuple(
            Pending(id=name, node="ask", value={"question": f"{name}?", "options": ["yes", "no"]}) for name in "ab"
        )
        end = Ended(outcome="interrupted", checkpoint_id="here", pending=questions, next=("ask", "ask"))
        panel = SimpleNamespace(run=None, graph=None)
        position = ThreadPosition(thread_id="t", values={}, end=end)
        ask_questions(st.container(), panel, position, part="token_pane")  # type: ignore[arg-type]

    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception, app.exception
    first, second = app.radio
    assert [choice.key for choice in (first, second)] == ["choice_a", "choice_b"]
    second.set_value("no")
    first.set_value("yes").run()
    assert (app.radio[0].value, app.radio[1].value) == ("yes", "no")
