"""The answer of a run without tokens, from its states and updates."""

from streaming.core.events import Ended, Updates, Values
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.projections.state_answer import StateAnswer, answer_in
from tests.support.events import log


def test_answer_in_a_state_is_the_models_last_message_or_the_last_text_that_is_not_the_prompt() -> None:
    assert answer_in({"messages": [{"type": "human", "content": "hi"}]}, prompt="hi") == ""
    assert answer_in({"messages": [{"type": "ai", "content": "yes"}]}, prompt="hi") == "yes"
    assert answer_in({"a": "one", "b": "two", "c": "p"}, prompt="p") == "two"


def test_the_latest_answer_of_the_outer_graph_counts_and_since_when_it_is_there() -> None:
    events = log(
        (0, Values(ns=(), state={"topic": "p"})),
        (1, Updates(ns=("inner:1",), deltas={"write": {"joke": "of a subgraph"}})),
        (2, Updates(ns=(), deltas={"write": {"joke": "first"}, "idle": None})),
        (3, Values(ns=(), state={"topic": "p", "joke": "second"})),
    )
    answer = apply_all(StateAnswer(prompt="p"), events)
    assert (answer.text, answer.at) == ("second", 3)


def test_what_a_run_was_given_is_no_answer() -> None:
    given = (0, Values(ns=(), state={"wait": "PT5S", "said": ["hello"], "n": 0}))
    counted = (1, Values(ns=(), state={"wait": "PT5S", "said": ["hello"], "n": 1}))
    written = (2, Values(ns=(), state={"wait": "PT6S", "said": ["hello"], "n": 1}))
    end = (3, Ended(outcome="completed"))
    for events, found in (([given], ""), ([given, counted, end], ""), ([given, counted, written, end], "PT6S")):
        answer = apply_all(StateAnswer(), log(*events))
        assert (answer.text, answer.at) == (found, 2 if found else None)
    listed = [(t, Values(ns=(), state=state)) for t, state in enumerate((["hello"], ["hello"], ["hello", "you"]))]
    assert apply_all(StateAnswer(), log(*listed[:2], end)).text == ""
    assert apply_all(StateAnswer(), log(*listed)).text == "you"


def test_the_only_state_of_a_run_is_its_answer_when_it_has_completed() -> None:
    only = (1, Values(ns=(), state={"joke": "all"}))
    assert apply_all(StateAnswer(), log(only)).text == ""
    assert apply_all(StateAnswer(), log(only, (2, Ended(outcome="failed")))).text == ""
    answer = apply_all(StateAnswer(), log(only, (2, Ended(outcome="completed"))))
    assert (answer.text, answer.at) == ("all", 1)


def test_a_text_that_an_earlier_node_wrote_is_not_when_the_answer_was_there() -> None:
    """Search terms, which repeat the question, were called the first word of an answer that came a second later."""
    events = log(
        (1, Updates(ns=(), deltas={"route": {"terms": "what is bm25"}})),
        (3, Updates(ns=(), deltas={"generate": {"answer": "A ranking."}})),
        (4, Updates(ns=(), deltas={"note": {"count": 1}})),
        (5, Ended(outcome="completed")),
    )
    metrics = apply_all(MetricsCollector(), events).metrics()
    assert (metrics.ttft_s, metrics.answer_after_s) == (None, 3)
