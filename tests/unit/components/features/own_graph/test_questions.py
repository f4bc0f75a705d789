"""What a question of an interrupt asks for, by its shape."""

from typing import Any

import pytest

from components.features.own_graph.questions import actions_of, allowed_for, options_of

REVIEW = {
    "action_requests": [{"name": "send", "args": {"to": "Ann"}}, "not an action"],
    "review_configs": [{"action_name": "send", "allowed_decisions": ["approve", "reject", "unknown"]}],
}


@pytest.mark.parametrize("value", ["text", None, 3, [], {"options": "no list"}, {"action_requests": "no list"}])
def test_a_question_of_another_shape_has_neither_options_nor_actions(value: Any) -> None:
    assert not options_of(value)
    assert not actions_of(value)


def test_choices_are_options_too() -> None:
    assert options_of({"choices": ["a", "b"]}) == ("a", "b")


def test_the_middleware_says_which_decisions_are_allowed() -> None:
    [action] = actions_of(REVIEW)
    assert allowed_for(REVIEW, action) == ["approve", "reject"]
    assert allowed_for(REVIEW, {"name": "other"}) == ("approve", "edit", "reject")
