"""The answer of a run without tokens, from its states and updates."""

from streaming.core.events import Updates, Values
from streaming.projections.base import apply_all
from streaming.projections.state_answer import StateAnswer, answer_in
from tests.support.events import log


def test_answer_in_a_state_is_the_models_last_message_or_the_last_text_that_is_not_the_prompt() -> None:
    assert answer_in({"messages": [{"type": "human", "content": "hi"}]}, prompt="hi") == ""
    assert answer_in({"messages": [{"type": "ai", "content": "yes"}]}, prompt="hi") == "yes"
    assert answer_in({"a": "one", "b": "two", "c": "p"}, prompt="p") == "two"


def test_the_latest_answer_of_the_outer_graph_counts_and_the_time_of_the_first() -> None:
    events = log(
        (0, Values(ns=(), state={"topic": "p"})),
        (1, Updates(ns=("inner:1",), deltas={"write": {"joke": "of a subgraph"}})),
        (2, Updates(ns=(), deltas={"write": {"joke": "first"}, "idle": None})),
        (3, Values(ns=(), state={"topic": "p", "joke": "second"})),
    )
    answer = apply_all(StateAnswer(prompt="p"), events)
    assert (answer.text, answer.first_at) == ("second", 2)
