"""The approval graph: its questions, its answers and its breakpoints."""

from typing import Any

import pytest

from streaming.core.events import Debug, TaskEnded, Updates, Values
from streaming.core.request import Resume
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.runtime.engine import Engine
from tests.support.graph_runs import APPROVE, resumed, run_graph, thread_of


def test_two_questions_wait_at_the_same_time_with_ids_nodes_and_values(engine: Engine) -> None:
    run = run_graph(engine, "approval")
    assert run.ended is not None
    assert {question.node for question in run.ended.pending} == {"review_text", "choose_channel"}
    assert len({question.id for question in run.ended.pending}) == 2
    assert any("draft" in question.value for question in run.ended.pending)


def test_which_modes_report_an_interrupt(engine: Engine) -> None:
    events = [entry.event for entry in run_graph(engine, "approval").events]
    assert sum(bool(event.interrupts) for event in events if isinstance(event, Values)) == 2
    assert sum(event.interrupts is not None for event in events if isinstance(event, Updates)) == 2
    assert sum(bool(event.interrupts) for event in events if isinstance(event, TaskEnded)) == 2
    assert sum(bool(event.payload.get("interrupts")) for event in events if isinstance(event, Debug)) == 2


def test_an_approved_run_continues_to_stream(engine: Engine) -> None:
    run = run_graph(engine, "approval")
    assert run.ended is not None
    after = resumed(engine, run, {question.id: APPROVE for question in run.ended.pending})
    assert after.status == "Completed"
    assert [message.node for message in apply_all(Messages(), after.events).answers()] == ["publish"]
    assert thread_of(engine, run).values["channel"] == "chat"


def test_one_answer_leaves_the_other_question_open(engine: Engine) -> None:
    run = run_graph(engine, "approval")
    assert run.ended is not None
    first, second = run.ended.pending
    after = resumed(engine, run, {first.id: APPROVE})
    assert after.ended is not None
    assert [question.id for question in after.ended.pending] == [second.id]
    assert resumed(engine, run, {second.id: APPROVE}).status == "Completed"


def test_a_rejected_draft_is_written_again_at_most_twice_and_the_last_one_is_not_published(engine: Engine) -> None:
    run = run_graph(engine, "approval")
    drafts = []
    for _ in range(3):
        assert run.ended is not None
        assert run.status == "Interrupted"
        drafts.append(thread_of(engine, run).values["draft"])
        run = resumed(
            engine, run, {question.id: {"action": "reject", "choice": "mail"} for question in run.ended.pending}
        )
    assert run.status == "Completed"
    values = thread_of(engine, run).values
    assert (values["drafts"], values["verdict"]) == (3, "rejected")
    assert len(set(drafts)) == 3, "each is another text"
    assert "published" not in values


@pytest.mark.parametrize("answer", [None, "nonsense", {"action": "edit", "text": "  "}, {"choice": "moon"}, 7])
def test_an_invalid_answer_is_refused_and_the_question_asked_again(engine: Engine, answer: Any) -> None:
    run = run_graph(engine, "approval")
    assert run.ended is not None
    after = resumed(engine, run, {question.id: answer for question in run.ended.pending})
    assert after.ended is not None
    assert [question.node for question in after.ended.pending] == [question.node for question in run.ended.pending]
    assert all("That does not answer" in question.value["note"] for question in after.ended.pending)
    last = resumed(engine, run, {question.id: APPROVE for question in after.ended.pending})
    assert last.status == "Completed"
    assert thread_of(engine, run).values["verdict"] == "approved"


def test_a_static_breakpoint_waits_without_a_question(engine: Engine) -> None:
    run = run_graph(engine, "approval", interrupt_before=("draft",))
    assert run.ended is not None
    assert (run.ended.outcome, run.ended.pending, run.ended.next) == ("interrupted", (), ("draft",))
    after = run_graph(engine, "approval", thread_id=run.thread_id, resume=Resume())
    assert after.ended is not None
    assert len(after.ended.pending) == 2
