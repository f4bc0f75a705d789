"""Calls of models: which model wrote each message, and when."""

from typing import Any

import pytest

from streaming.core.events import Ended, Fallback, LogEntry, Started, TaskStarted, Token
from streaming.projections.base import apply_all
from streaming.projections.inferences import Inference, Inferences, ModelName
from tests.support.events import log, restart, token

FIRST = ModelName(provider="openai", name="first")
SECOND = ModelName(provider="groq", name="second")
START = (1.0, Started(thread_id="t"))


def chunk(text: str, *, id: str = "m1", model: str = "first", task: str = "t1", step: int = 2, **fields: Any) -> Token:
    metadata = {
        "ls_model_name": model,
        "ls_provider": "openai",
        "ls_model_type": "chat",
        "langgraph_checkpoint_ns": f"n:{task}",
        "langgraph_step": step,
    }
    return token(text, id=id, metadata=metadata, **fields)


def task(task_id: str) -> TaskStarted:
    return TaskStarted(ns=(), task_id=task_id, node="n", input=None, triggers=())


def projected(events: list[LogEntry], fallback: ModelName | None = SECOND) -> Inferences:
    return apply_all(Inferences(requested=FIRST, fallback=fallback), events)


def single(events: list[LogEntry]) -> Inference:
    (inference,) = projected(events).inferences
    return inference


def test_times_count_from_the_start_of_the_node() -> None:
    events = log(
        START,
        (2.0, task("t1")),
        (2.2, chunk("")),
        (3.0, token("a")),
        (3.5, token("b")),
        (3.6, token("", usage={"output_tokens": 2})),
    )
    inference = single(events)
    assert (inference.requested_at, inference.time_to_first_chunk_s) == (2.0, 1.0), "an empty chunk does not count"
    assert inference.duration_s == pytest.approx(1.6)
    assert (inference.gaps, inference.chunks, inference.usage) == ([0.5], 2, {"output_tokens": 2})


def test_second_call_of_a_node_begins_where_the_first_one_ended() -> None:
    first = [(3.0, chunk("a", id="x")), (4.0, token("b", id="x"))]
    second = [(6.0, chunk("c", id="y")), (7.0, token("d", id="y"))]
    one, two = projected(log(START, (2.0, task("t1")), *first, *second)).inferences
    assert (one.requested_at, two.requested_at) == (2.0, 4.0)


def test_request_time_without_tasks_is_known_in_the_first_superstep_only() -> None:
    assert single(log(START, (3.0, chunk("a", step=1)))).requested_at == 1.0
    assert single(log(START, (3.0, chunk("a", step=2)))).requested_at is None
    continued = (1.0, Started(thread_id="t", checkpoint_id="c"))
    assert single(log(continued, (3.0, chunk("a", step=1)))).requested_at is None


@pytest.mark.parametrize(
    "answer", [[(3.0, chunk("all of it", step=1, whole=True))], [(3.0, chunk("all of it", step=1))]]
)
def test_answer_that_came_whole_has_a_duration_and_no_time_to_a_first_chunk(answer: list[tuple[float, Token]]) -> None:
    inference = single(log(START, *answer))
    assert (inference.duration_s, inference.time_to_first_chunk_s, inference.streamed) == (2.0, None, False)


def test_message_that_a_node_wrote_itself_is_no_inference() -> None:
    written = token("Rejected.", id="x", whole=True, metadata={"langgraph_node": "n"})
    assert projected(log(START, (2.0, written), (3.0, chunk("a")))).models == [FIRST]
    assert projected(log(START, (2.0, written))).inferences == []


def test_message_after_a_fallback_is_the_other_models() -> None:
    events = log(
        START,
        (2.0, chunk("a", id="x")),
        (3.0, Fallback(reason="status 503", to="Groq second")),
        (4.0, chunk("b", id="y")),
        (5.0, chunk("c", id="z")),
    )
    inferences = projected(events)
    assert [inference.model for inference in inferences.inferences] == [FIRST, SECOND, FIRST]
    assert inferences.models == [FIRST, SECOND]


def test_metadata_that_names_the_other_model_is_enough() -> None:
    events = log(START, (4.0, chunk("b", model="second")))
    assert projected(events).models == [SECOND]
    fell_back = log(START, (3.0, Fallback(reason="x", to="Groq second")), (4.0, chunk("b", model="second")))
    assert projected([*fell_back, *log((5.0, chunk("c", id="m2")))]).models == [SECOND, FIRST]


def test_refused_stream_leaves_the_answer_with_the_same_model() -> None:
    assert projected(log(START, (2.0, Fallback(reason="it refuses to stream")), (3.0, chunk("a")))).models == [FIRST]


def test_model_of_a_graph_keeps_its_own_name() -> None:
    assert projected(log(START, (3.0, chunk("a", model="judge")))).models == [
        ModelName(provider="openai", name="judge")
    ]


def test_run_without_messages_is_answered_by_the_model_that_was_asked_last() -> None:
    assert projected(log(START)).models == [FIRST]
    assert projected(log(START, (2.0, Fallback(reason="x", to="Groq second")))).models == [SECOND]
    named = projected(log(START, (2.0, Fallback(reason="x", to="Groq second"))), fallback=None).models
    assert named == [ModelName(provider="", name="Groq second")]


def test_answers_that_were_dropped_or_not_finished_carry_an_error() -> None:
    events = log(
        START,
        (2.0, chunk("a", id="dropped")),
        (3.0, restart("dropped")),
        (4.0, chunk("b", id="done")),
        (5.0, chunk("c", id="cut")),
        (6.0, Ended(outcome="cancelled", cut=("cut",))),
    )
    assert [inference.error for inference in projected(events).inferences] == ["BrokenStream", "", "cancelled"]
