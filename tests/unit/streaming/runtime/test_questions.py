"""Questions of one node are told apart: one after the other, and of tasks that run at the same time."""

import operator
from typing import Annotated, Any, TypedDict

from langgraph.graph import START, StateGraph
from langgraph.types import Send, interrupt

from streaming.core.events import TaskEnded, Updates, Values
from streaming.core.run import Run
from streaming.recordings.format import dump_recording, load_recording, recording_of
from streaming.runtime import thread_moves
from streaming.runtime.engine import Engine
from tests.support.graphs import Builder, events_of, finish, start


class Asked(TypedDict, total=False):
    answers: Annotated[list[str], operator.add]


def one_after_the_other(state: Asked) -> Asked:
    return {"answers": [interrupt({"question": "First?"}), interrupt({"question": "Second?"})]}


def one_each(state: dict[str, int]) -> Asked:
    return {"answers": [interrupt({"question": f"About {state['number']}?"})]}


def asks_twice(model: Any, checkpointer: Any) -> Any:
    graph = StateGraph(Asked)
    graph.add_node("ask", one_after_the_other)
    graph.add_edge(START, "ask")
    return graph.compile(checkpointer=checkpointer)


def asks_in_parallel(model: Any, checkpointer: Any) -> Any:
    graph = StateGraph(Asked)
    graph.add_node("ask", one_each)
    graph.add_conditional_edges(START, lambda _: [Send("ask", {"number": number}) for number in (1, 2)], ["ask"])
    return graph.compile(checkpointer=checkpointer)


def asked(engine: Engine, builder: Builder) -> Run:
    run = finish(start(engine, builder, {"answers": []}))
    assert run.status == "Interrupted", run.ended
    return run


def pending(run: Run) -> dict[str, str]:
    """The ids of the open questions, by what they ask."""
    assert run.ended is not None
    assert {question.node for question in run.ended.pending} == {"ask"}
    return {question.value["question"]: question.id for question in run.ended.pending}


def answered(engine: Engine, run: Run, answers: dict[str, str]) -> Run:
    return finish(engine.start(thread_moves.resume(run, run.request, answers=answers)))


def interrupts_in_log(run: Run) -> list[str]:
    """The questions in the log of each mode that reports them."""
    recording = load_recording(dump_recording(recording_of(run)))
    assert recording.events == run.events
    reports = [
        report
        for kind in (Values, Updates, TaskEnded)
        for event in events_of(run, kind)
        for report in event.interrupts or ()  # type: ignore[attr-defined]
    ]
    return [report["value"]["question"] for report in reports]


def test_the_second_question_of_a_node_is_another_one(engine: Engine) -> None:
    first = asked(engine, asks_twice)
    second = answered(engine, first, {pending(first)["First?"]: "one"})
    assert second.status == "Interrupted"
    assert list(pending(second)) == ["Second?"]
    assert pending(second)["Second?"] != pending(first)["First?"]
    assert set(interrupts_in_log(first)) == {"First?"}
    assert set(interrupts_in_log(second)) == {"Second?"}
    late = answered(engine, first, {pending(first)["First?"]: "too late"})
    assert late.ended is not None
    assert "This question was answered with “one” at" in late.ended.reason
    last = answered(engine, second, {pending(second)["Second?"]: "two"})
    assert last.status == "Completed", last.ended
    assert events_of(last, Values)[-1].state == {"answers": ["one", "two"]}


def test_questions_of_parallel_tasks_of_one_node_are_answered_each_by_its_own(engine: Engine) -> None:
    run = asked(engine, asks_in_parallel)
    ids = pending(run)
    assert len(set(ids.values())) == 2
    assert set(interrupts_in_log(run)) == {"About 1?", "About 2?"}
    rest = answered(engine, run, {ids["About 2?"]: "two"})
    assert pending(rest) == {"About 1?": ids["About 1?"]}
    last = answered(engine, rest, {ids["About 1?"]: "one"})
    assert last.status == "Completed", last.ended
    assert sorted(events_of(last, Values)[-1].state["answers"]) == ["one", "two"]


def test_both_questions_of_parallel_tasks_can_be_answered_together(engine: Engine) -> None:
    run = asked(engine, asks_in_parallel)
    answers = {question_id: question for question, question_id in pending(run).items()}
    last = answered(engine, run, answers)
    assert events_of(last, Values)[-1].state["answers"] == ["About 1?", "About 2?"]
