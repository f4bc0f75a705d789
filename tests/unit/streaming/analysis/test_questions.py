"""What a question of an interrupt asks for, by its shape."""

from typing import Any

import pytest

from streaming.analysis.questions import options_of, rest_of, review_of, schema_of

REVIEW = {
    "action_requests": [{"name": "send", "args": {"to": "Ann"}}, "not an action"],
    "review_configs": [{"action_name": "send", "allowed_decisions": ["approve", "respond", "unknown"]}],
}
INBOX = [
    {
        "action_request": {"action": "send", "args": {"to": "Ann"}},
        "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": False},
        "description": "Send it?",
    }
]


@pytest.mark.parametrize("value", ["text", None, 3, [], {"options": "no list"}, {"action_requests": "no list"}])
def test_a_question_of_another_shape_has_neither_options_nor_actions(value: Any) -> None:
    assert not options_of(value)
    assert review_of(value) is None


@pytest.mark.parametrize("name", ["options", "choices", "allowed", "allowed_answers", "allowed_values"])
def test_a_list_of_answers_has_one_of_several_names(name: str) -> None:
    value = {"question": "Which?", name: ["a", "b"], "n": 1}
    assert options_of(value) == ("a", "b")
    assert rest_of(value) == {"n": 1}


def test_the_middleware_says_which_decisions_are_allowed() -> None:
    review = review_of(REVIEW)
    assert review is not None
    [action] = review.actions
    assert action.allowed == ("approve", "respond")
    decision = review.decision(action, "respond", text="done")
    assert review.answer([decision]) == {"decisions": [{"type": "respond", "message": "done"}]}


def test_the_agent_inbox_gets_a_list_of_its_own_words() -> None:
    review = review_of(INBOX)
    assert review is not None
    [action] = review.actions
    assert action.allowed == ("accept", "edit", "response")
    edited = review.decision(action, "edit", arguments={"to": "Bob"})
    assert review.answer([edited]) == [{"type": "edit", "args": {"action": "send", "args": {"to": "Bob"}}}]
    assert review.decision(action, "accept") == {"type": "accept", "args": None}


def test_the_schema_of_an_answer_is_langgraphs_or_in_the_question() -> None:
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}}
    assert schema_of("Publish?", schema) == schema
    assert schema_of({"question": "Publish?", "schema": schema}, None) == schema
    assert schema_of({"question": "Publish?", "schema": "articles"}, None) is None
