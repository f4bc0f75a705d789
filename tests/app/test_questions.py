"""Questions of any shape: each has a sentence and an input, and its answer is JSON."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

QUESTIONS: dict[str, Any] = {
    "words": "Publish it?",
    "nothing": None,
    "a number": 7,
    "a switch": True,
    "a list": ["a", {"b": 1}],
    "an empty list": [],
    "an empty mapping": {},
    "no words": {"rows": [[1, 2]], "deep": {"x": [None]}},
    "a question that is no text": {"question": {"de": "Ja?", "en": "Yes?"}, "options": 3},
    "options of every type": {"message": "Which?", "options": [1, None, {"id": 1}, ["x"], "x"]},
    "no options": {"message": "Which?", "choices": []},
    "markup": {"question": "**bold** :red[x] $a$ <script>", "lines": ["one"]},
    "a schema inside": {"question": "How many?", "schema": {"type": "integer", "minimum": 1}},
    "a schema that is none": {"question": "How many?", "schema": {"type": "matrix"}},
    "a review": {"action_requests": [{"name": "send", "args": "plain text"}], "review_configs": 3},
    "a review with odd rules": {
        "action_requests": [{"name": "send", "arguments": None}, {"name": 5, "args": [1]}],
        "review_configs": [{"action_name": "send", "allowed_decisions": "approve"}, "send"],
    },
    "an empty review": {"action_requests": [], "review_configs": []},
    "an inbox": [{"action_request": {"action": "send", "args": {"to": "Ada"}}, "config": None}],
    "a tool": {"type": "tool_approval", "name": "send", "args": {}},
    "long words": "word " * 5000,
}
SCHEMAS: dict[str, Any] = {
    "a text": {"type": "string"},
    "a choice": {"enum": ["a", 1, None]},
    "several": {"anyOf": [{"type": "boolean"}, {"type": "object", "properties": {"by": {"type": "string"}}}]},
    "a list of objects": {"type": "array", "items": {"type": "object", "properties": {"sent": {"type": "string"}}}},
}


def one_question(value: object, schema: object) -> None:
    import streamlit as st

    from components.features.own_graph.questions import _draw_questions
    from streaming.core.events import Ended, Pending

    pending = (Pending(id="1", node="ask", value=value, schema=schema), Pending(id="2", node="ask", value=value))  # type: ignore[arg-type]
    st.session_state["answers"] = _draw_questions(Ended(outcome="interrupted", pending=pending))[0]


@pytest.mark.parametrize(
    ("value", "schema"),
    [*((value, None) for value in QUESTIONS.values()), *(("Well?", schema) for schema in SCHEMAS.values())],
    ids=[*QUESTIONS, *SCHEMAS],
)
def test_a_question_of_any_shape_is_asked(value: Any, schema: Any) -> None:
    app = AppTest.from_function(one_question, kwargs={"value": value, "schema": schema}, default_timeout=30).run()
    assert not app.exception
    answers = app.session_state["answers"]
    assert set(answers) == {"1", "2"}
    json.dumps(answers)


def test_options_can_be_answered_with_an_object() -> None:
    options = {"question": "Send it?", "options": ["approve", "reject"]}
    app = AppTest.from_function(one_question, kwargs={"value": options, "schema": None}, default_timeout=30).run()
    assert app.session_state["answers"]["1"] == "approve"
    app.toggle(key="answer_1.json").set_value(True).run()
    assert app.text_area(key="answer_1.raw").value == '"approve"'
    app.text_area(key="answer_1.raw").set_value('{"type": "approve"}').run()
    assert app.session_state["answers"] == {"1": {"type": "approve"}, "2": "approve"}


def test_the_answers_that_a_question_allows_are_offered() -> None:
    value = {"lines": 3, "allowed": ["yes", "no", "less"]}
    app = AppTest.from_function(one_question, kwargs={"value": value, "schema": None}, default_timeout=30).run()
    assert [radio.options for radio in app.radio] == [["yes", "no", "less"]] * 2
    assert app.session_state["answers"] == {"1": "yes", "2": "yes"}
    assert [json.loads(rest.value) for rest in app.json] == [{"lines": 3}] * 2


def test_what_else_a_question_holds_is_below_the_answer_and_collapsed_if_it_is_long() -> None:
    lines = [f"line {number}" for number in range(30)]
    value = {"question": "Send it?", "options": ["approve", "reject"], "draft": lines}
    app = AppTest.from_function(one_question, kwargs={"value": value, "schema": None}, default_timeout=30).run()
    drawn = [element.type for element in app.main if element.type in ("radio", "json")]
    assert drawn[:2] == ["radio", "json"]
    assert json.loads(app.json[0].value) == {"draft": lines}
    assert not app.json[0].proto.expanded


def test_nothing_is_drawn_twice() -> None:
    value = {"question": "Send it?", "options": ["approve", "reject"]}
    app = AppTest.from_function(one_question, kwargs={"value": value, "schema": None}, default_timeout=30).run()
    assert not app.json
