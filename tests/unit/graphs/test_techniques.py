"""The graphs behind the technique pages, through the real engine."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs import TECHNIQUES
from graphs.agent import evaluate
from graphs.collections import COLLECTIONS
from streaming.analysis.loop_blocking import measure_blocking
from streaming.core.events import MODES, ApiEvent, Debug, TaskEnded, ToolCalled, Updates, Values
from streaming.core.request import APIS, Resume, RunRequest
from streaming.core.run import Run
from streaming.projections.base import apply_all
from streaming.projections.custom_spans import CustomSpans, wall_s
from streaming.projections.json_table import JsonTable
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.projections.namespaces import NamespaceTree
from streaming.projections.tool_calls import ToolCalls
from streaming.runtime.engine import Engine, ThreadPosition
from tests.support.graphs import QUICK, finish

EVERY = (*MODES, "tools")
APPROVE = {"action": "approve", "choice": "chat"}


def run_of(engine: Engine, name: str, prompt: str | None = None, **fields: Any) -> Run:
    graph = TECHNIQUES[name]
    fields.setdefault("modes", EVERY)
    return finish(engine.start(RunRequest(graph=graph, model=QUICK, prompt=prompt or graph.examples[0], **fields)))


def resumed(engine: Engine, run: Run, answers: dict[str, Any]) -> Run:
    return run_of(engine, "approval", thread_id=run.thread_id, resume=Resume(answers=answers))


def thread_of(engine: Engine, run: Run) -> ThreadPosition:
    thread = engine.thread(run.request.graph, run.thread_id)
    assert thread is not None
    return thread


# retrieval


@pytest.mark.parametrize("order", ["sequential", "gather"])
def test_searches_wait_one_after_the_other_or_together(engine: Engine, order: str) -> None:
    extra = dict.fromkeys(COLLECTIONS, 60)
    spans = apply_all(
        CustomSpans(), run_of(engine, "retrieval", context={"order": order, "extra_ms": extra}).events
    ).spans
    assert [span.state for span in spans.values()] == ["done"] * 3
    starts = sorted(span.start for span in spans.values())
    ends = sorted(span.end or 0.0 for span in spans.values())
    assert (starts[-1] < ends[0]) == (order == "gather"), "together all have started before one has ended"


@pytest.mark.parametrize("order", ["sequential", "gather"])
@pytest.mark.parametrize(("fault", "state"), [("fail", "failed"), ("hang", "cut")])
def test_a_broken_collection_does_not_stop_the_others(
    engine: Engine, order: str, fault: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "hang":
        monkeypatch.setattr("graphs.retrieval.TIMEOUT_S", 1.0)
    run = run_of(engine, "retrieval", context={"order": order, "broken": "langgraph", "fault": fault})
    spans = apply_all(CustomSpans(), run.events).spans
    assert {name: span.state for name, span in spans.items()} == {"streaming": "done", "langgraph": state, "ux": "done"}
    assert spans["langgraph"].error
    values = thread_of(engine, run).values
    assert values["missing"] == ["langgraph"]
    assert values["passages"]
    assert "Without the collection langgraph" in values["answer"]


def test_what_blocks_is_measured_for_real() -> None:
    waits = {"extra_ms": dict.fromkeys(COLLECTIONS, 60)}
    found = {result.method: result for result in measure_blocking(TECHNIQUES["retrieval"], "What is a token?", waits)}
    on_loop, in_thread, native = found.values()
    assert on_loop.beats == 0, "nothing else runs on the loop meanwhile"
    assert on_loop.blocked_s >= 0.15
    assert in_thread.beats > 3
    assert native.beats > 3
    assert native.stopped_s < in_thread.stopped_s


# approval


def test_two_questions_wait_at_the_same_time_with_ids_nodes_and_values(engine: Engine) -> None:
    run = run_of(engine, "approval")
    assert run.ended is not None
    assert {question.node for question in run.ended.pending} == {"review_text", "choose_channel"}
    assert len({question.id for question in run.ended.pending}) == 2
    assert any("draft" in question.value for question in run.ended.pending)


def test_which_modes_report_an_interrupt(engine: Engine) -> None:
    events = [entry.event for entry in run_of(engine, "approval").events]
    assert sum(bool(event.interrupts) for event in events if isinstance(event, Values)) == 2
    assert sum(event.interrupts is not None for event in events if isinstance(event, Updates)) == 2
    assert sum(bool(event.interrupts) for event in events if isinstance(event, TaskEnded)) == 2
    assert sum(bool(event.payload.get("interrupts")) for event in events if isinstance(event, Debug)) == 2


def test_an_approved_run_continues_to_stream(engine: Engine) -> None:
    run = run_of(engine, "approval")
    assert run.ended is not None
    after = resumed(engine, run, {question.id: APPROVE for question in run.ended.pending})
    assert after.status == "Completed"
    assert [message.node for message in apply_all(Messages(), after.events).answers()] == ["publish"]
    assert thread_of(engine, run).values["channel"] == "chat"


def test_one_answer_leaves_the_other_question_open(engine: Engine) -> None:
    run = run_of(engine, "approval")
    assert run.ended is not None
    first, second = run.ended.pending
    after = resumed(engine, run, {first.id: APPROVE})
    assert after.ended is not None
    assert [question.id for question in after.ended.pending] == [second.id]
    assert resumed(engine, run, {second.id: APPROVE}).status == "Completed"


def test_a_rejected_draft_is_written_again_at_most_twice_and_the_last_one_is_not_published(engine: Engine) -> None:
    run = run_of(engine, "approval")
    for _ in range(3):
        assert run.ended is not None
        assert run.status == "Interrupted"
        run = resumed(
            engine, run, {question.id: {"action": "reject", "choice": "mail"} for question in run.ended.pending}
        )
    assert run.status == "Completed"
    values = thread_of(engine, run).values
    assert (values["drafts"], values["verdict"]) == (3, "rejected")
    assert "published" not in values


@pytest.mark.parametrize("answer", [None, "nonsense", {"action": "edit", "text": "  "}, {"choice": "moon"}, 7])
def test_an_invalid_answer_is_refused_and_the_question_asked_again(engine: Engine, answer: Any) -> None:
    run = run_of(engine, "approval")
    assert run.ended is not None
    after = resumed(engine, run, {question.id: answer for question in run.ended.pending})
    assert after.ended is not None
    assert [question.node for question in after.ended.pending] == [question.node for question in run.ended.pending]
    assert all("That does not answer" in question.value["note"] for question in after.ended.pending)
    last = resumed(engine, run, {question.id: APPROVE for question in after.ended.pending})
    assert last.status == "Completed"
    assert thread_of(engine, run).values["verdict"] == "approved"


def test_a_static_breakpoint_waits_without_a_question(engine: Engine) -> None:
    run = run_of(engine, "approval", interrupt_before=("draft",))
    assert run.ended is not None
    assert (run.ended.outcome, run.ended.pending, run.ended.next) == ("interrupted", (), ("draft",))
    after = run_of(engine, "approval", thread_id=run.thread_id, resume=Resume())
    assert after.ended is not None
    assert len(after.ended.pending) == 2


# agent


def test_a_tool_call_streams_its_arguments_its_progress_and_its_result(engine: Engine) -> None:
    run = run_of(engine, "agent", "Build an index of 3 documents")
    (call,) = apply_all(ToolCalls(), run.events).calls
    assert (call.tool, call.arguments, call.state) == ("build_index", '{"documents": 3}', "finished")
    assert call.pieces > 1
    assert call.output == ["document 1 ", "document 2 ", "document 3 "]
    assert call.result == "3 documents are indexed."
    assert call.started_at is not None
    assert call.asked_at < call.started_at < (call.ended_at or 0)


def test_without_the_tools_mode_the_result_comes_in_messages_only(engine: Engine) -> None:
    run = run_of(engine, "agent", "2 + 2", modes=("messages",))
    (call,) = apply_all(ToolCalls(), run.events).calls
    assert (call.state, call.result, call.started_at) == ("finished", "4", None)
    assert not [entry for entry in run.events if isinstance(entry.event, ToolCalled)]


def test_a_failed_tool_gives_an_error_message_and_the_agent_continues(engine: Engine) -> None:
    run = run_of(engine, "agent", "What does 7 / 0 give?")
    assert run.status == "Completed"
    assert apply_all(ToolCalls(), run.events).calls[-1].state == "failed"


@pytest.mark.parametrize(
    ("sum_", "value"),
    [("12 * (3 + 4)", 84), ("-3 + 5 % 3", -1), ("1.5 / 2", 0.75), ("3.14159265358979 * 2", 6.28318530717958)],
)
def test_the_calculator_works_sums_out(sum_: str, value: float) -> None:
    assert evaluate(sum_) == value


@pytest.mark.parametrize("text", ["__import__('os')", "9 ** 9", "a", "1 +", "'a' * 9", "(" * 150, "1+" * 150])
def test_the_calculator_executes_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"sum|only"):
        evaluate(text)


def test_the_calculator_says_that_a_number_is_too_long() -> None:
    with pytest.raises(ValueError, match="more than 30 digits"):
        evaluate("1" * 190)


def test_an_index_of_too_many_documents_says_its_limit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphs.agent.SECONDS_A_DOCUMENT", 0.0)
    run = run_of(engine, "agent", "Build an index of 1000 documents")
    (call,) = apply_all(ToolCalls(), run.events).calls
    assert call.arguments == '{"documents": 1000}'
    assert call.result == "40 documents are indexed. 1000 were requested; it takes 1 to 40 at a time."


@given(st.text(max_size=60))
def test_the_calculator_returns_a_number_or_a_value_error_for_any_text(text: str) -> None:
    with contextlib.suppress(ValueError, ArithmeticError):
        assert isinstance(evaluate(text), int | float)


# research


def test_research_nests_three_graphs(engine: Engine) -> None:
    places = apply_all(NamespaceTree(), run_of(engine, "research").events).nodes
    assert [(place.name, place.depth) for place in places] == [("(graph)", 0), ("read", 1), ("digest", 2)]
    assert all(place.events for place in places)


def test_without_subgraphs_no_event_of_an_inner_graph_is_streamed(engine: Engine) -> None:
    run = run_of(engine, "research", subgraphs=False)
    assert [place.name for place in apply_all(NamespaceTree(), run.events).nodes] == ["(graph)"]
    assert {message.node for message in apply_all(Messages(), run.events).answers()} == {"plan", "write"}


# briefing


def test_a_table_fills_while_its_json_is_incomplete(engine: Engine) -> None:
    table, widths = JsonTable(tag="data"), []
    for entry in run_of(engine, "briefing").events:
        table.apply(entry)
        widths.append(sum(len(row) for row in table.rows))
    assert table.complete
    assert len(table.rows) == 3
    assert len(set(widths)) > 5, "it grew cell by cell"
    assert sorted(widths) == widths, "and never shrank"


def test_a_nostream_call_is_in_the_state_and_in_no_token(engine: Engine) -> None:
    run = run_of(engine, "briefing")
    assert thread_of(engine, run).values["thought"]
    assert "think" not in {message.node for message in apply_all(Messages(), run.events).messages.values()}


# APIs and turns


@pytest.mark.parametrize("name", list(TECHNIQUES))
@pytest.mark.parametrize("api", APIS)
def test_every_api_streams_every_graph(engine: Engine, name: str, api: str) -> None:
    run = run_of(engine, name, api=api, modes=MODES)
    assert run.status == ("Interrupted" if name == "approval" else "Completed"), run.ended
    metrics = apply_all(MetricsCollector(), run.events).metrics()
    assert metrics.ttft_s is not None
    assert metrics.loop_cpu_s is not None
    assert metrics.events > 10
    if api != "stream modes":
        assert {type(entry.event) for entry in run.events[1:-1]} == {ApiEvent}


def test_all_apis_stream_the_same_text(engine: Engine) -> None:
    said = {}
    for api in APIS:
        events = [entry.event for entry in run_of(engine, "retrieval", api=api, modes=("messages",)).events]
        said[api] = "".join(getattr(event, "text", "") for event in events)
    assert len(set(said.values())) == 1


def test_an_event_api_can_be_cancelled(engine: Engine) -> None:
    for api in APIS[1:]:
        run = engine.start(
            RunRequest(
                graph=TECHNIQUES["agent"], model=QUICK, modes=MODES, api=api, prompt="Build an index of 40 documents"
            )
        )
        for batch in run.follow():
            if any(entry.event.kind == "events" for entry in batch):
                run.cancel()
        assert run.status == "Cancelled", api


def test_runs_in_turn_never_overlap_and_stop_together(engine: Engine) -> None:
    graph = TECHNIQUES["research"]
    request = RunRequest(graph=graph, model=QUICK, modes=("updates",), prompt="Skeletons")
    first, second = (finish(run) for run in engine.start_in_turn([request, request]))
    assert (first.status, second.status) == ("Completed", "Completed")
    assert second.created_at >= first.created_at
    long = RunRequest(
        graph=TECHNIQUES["agent"], model=QUICK, modes=("updates",), prompt="Build an index of 40 documents"
    )
    runs = engine.start_in_turn([long, long, long])
    runs[0].cancel()
    assert [finish(run).status for run in runs] == ["Cancelled"] * 3
    assert wall_s([]) is None


def test_a_branch_does_not_contain_the_turn_that_it_replaces(engine: Engine) -> None:
    first = run_of(engine, "agent", "2 + 2")
    second = run_of(engine, "agent", "3 + 3", thread_id=first.thread_id, previous_run_id=first.id)
    assert second.started is not None
    assert first.ended is not None
    assert second.started.checkpoint_id == first.ended.checkpoint_id
    other = run_of(
        engine,
        "agent",
        "4 + 4",
        thread_id=first.thread_id,
        checkpoint_id=second.started.checkpoint_id,
        previous_run_id=first.id,
        replaces_run_id=second.id,
    )
    asked = [
        message["content"] for message in thread_of(engine, other).values["messages"] if message["type"] == "human"
    ]
    assert asked == ["2 + 2", "4 + 4"]
    assert engine.registry.versions(other) == [second, other] == engine.registry.versions(second)
    assert engine.registry.turns(other) == [first, other]
    assert engine.registry.newest_after(first) is other
