"""What can be done about an answer that broke off: start again, go on, keep it, retry the step, ask another model."""

import asyncio
import threading
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph

from streaming.core.events import Attempt, Fallback, Token
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.partial_answer import PartialAnswer
from streaming.core.request import Resume, RunRequest
from streaming.core.retry_policy import RetryPolicy
from streaming.core.run import Run
from streaming.faults.plan import FaultPlan
from streaming.faults.server import FaultServer
from streaming.projections.answer_ends import AnswerEnds
from streaming.projections.base import apply_all
from streaming.projections.messages import Messages
from streaming.projections.metrics import MetricsCollector
from streaming.runtime.engine import Engine
from tests.support.faults import AT_ONCE, SHORT, run_into, spoken, three_calls, whole
from tests.support.graphs import QUICK, Source, finish, start

CUT = {"calls": 3, "ttft_s": 0, "tokens_per_s": 4000}


def cut_run(engine: Engine, fault_server: FaultServer, **fields: Any) -> Run:
    return run_into(engine, fault_server.open(FaultPlan(fault="cut", times=1, **CUT)), **fields)


def again(engine: Engine, run: Run, resume: Resume) -> Run:
    request = run.request
    return finish(
        engine.start(
            RunRequest(
                graph=request.graph,
                model=request.model,
                modes=request.modes,
                prompt=request.prompt,
                thread_id=run.thread_id,
                resume=resume,
                previous_run_id=run.id,
            ),
            api_key="k",
        )
    )


def said_at_last(engine: Engine, run: Run) -> str:
    thread = engine.thread(run.request.graph, run.thread_id)
    assert thread is not None
    return str(thread.values["said"])


def test_a_restarted_answer_is_shown_once(engine: Engine, fault_server: FaultServer) -> None:
    run = cut_run(engine, fault_server, retry_policy=RetryPolicy(restart=True, initial_backoff_s=0.0))
    assert run.status == "Completed", run.ended
    (attempt,) = [entry.event for entry in run.events if isinstance(entry.event, Attempt)]
    assert len(attempt.dropped) == 1
    tokens = [entry.event for entry in run.events if isinstance(entry.event, Token)]
    assert attempt.dropped[0] in {token.message_id for token in tokens}, "the log keeps what was received"
    assert [message.text for message in spoken(run)] == [whole(node) for node in ("first", "second", "third")]


def test_restarts_are_counted(engine: Engine, fault_server: FaultServer) -> None:
    endpoint = fault_server.open(FaultPlan(fault="cut", times=0, **CUT))
    run = run_into(engine, endpoint, retry_policy=RetryPolicy(max_attempts=2, restart=True, initial_backoff_s=0.0))
    assert run.status == "Failed"
    assert endpoint.struck == 2
    assert len(spoken(run)) == 3, "the second half answer stands alone"


def test_continue_requests_only_the_rest(engine: Engine, fault_server: FaultServer) -> None:
    run = cut_run(engine, fault_server)
    assert run.ended is not None
    assert run.ended.next == ("third",)
    partial = spoken(run)[-1].text
    rest = again(engine, run, Resume(partial_answers={"third": PartialAnswer(text=partial, continues=True)}))
    assert rest.status == "Completed", rest.ended
    (message,) = spoken(rest)
    assert message.text.startswith(partial)
    assert message.text == whole("third", max_tokens=None)[: len(message.text)]
    assert len(message.text) > len(partial)
    kept, *new = [entry for entry in rest.events if isinstance(entry.event, Token) and entry.event.text]
    assert [kept.event.kept, *(entry.event.kept for entry in new)] == [True, *([False] * len(new))]  # type: ignore[union-attr]
    metrics = apply_all(MetricsCollector(), rest.events).metrics()
    assert metrics.ttft_s == metrics.first_text_s == new[0].t, "the text that was there already is no first text"
    assert said_at_last(engine, rest) == message.text
    assert apply_all(AnswerEnds(), rest.events).incomplete == [], "the rest made it whole"


def test_keep_stores_the_partial_answer_without_another_call(engine: Engine, fault_server: FaultServer) -> None:
    endpoint = fault_server.open(FaultPlan(fault="cut", times=1, **CUT))
    run = run_into(engine, endpoint)
    partial = spoken(run)[-1].text
    kept = again(engine, run, Resume(partial_answers={"third": PartialAnswer(text=partial, continues=False)}))
    assert kept.status == "Completed", kept.ended
    assert said_at_last(engine, kept) == partial
    (end,) = apply_all(AnswerEnds(), kept.events).incomplete
    assert (end.ending, end.note) == (
        "kept incomplete",
        f"Broke off here, after {len(partial)} characters; kept as it is.",
    )
    assert len(endpoint.sent) == 3, "two answers and the one that was cut"


def test_retry_does_the_broken_step_again_and_no_other(engine: Engine, fault_server: FaultServer) -> None:
    run = cut_run(engine, fault_server)
    retried = again(engine, run, Resume())
    assert retried.status == "Completed"
    assert [message.node for message in spoken(retried)] == ["third"]
    assert spoken(retried)[0].text == whole("third")


def test_a_run_that_never_began_begins_when_it_is_retried(engine: Engine, fault_server: FaultServer) -> None:
    run = run_into(engine, fault_server.open(FaultPlan(fault="401", when="before", times=1, **CUT)))
    assert run.status == "Failed"
    assert [message.node for message in spoken(again(engine, run, Resume()))] == ["first", "second", "third"]


def test_the_fallback_model_answers_and_the_log_reports_it(engine: Engine, fault_server: FaultServer) -> None:
    second = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000))
    run = run_into(
        engine, fault_server.open(FaultPlan(fault="401", when="middle", times=0, **CUT)), fallback_model=second
    )
    assert run.status == "Completed", run.ended
    told = [entry.event for entry in run.events if isinstance(entry.event, Fallback)]
    assert {event.to for event in told} == {"Scripted, no AI (0 ms, 5000 tok/s)"}
    assert {event.reason for event in told} == {"status 401"}
    assert len(spoken(run)) == 3


def test_an_answer_that_has_begun_is_not_repeated_by_the_fallback_model(
    engine: Engine, fault_server: FaultServer
) -> None:
    second = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=5000))
    run = run_into(engine, fault_server.open(FaultPlan(fault="cut", times=1, **CUT)), fallback_model=second)
    assert run.status == "Failed", "what had begun is not said by another one"
    assert not [entry for entry in run.events if isinstance(entry.event, Fallback)]


def test_a_drained_run_stops_after_its_step_and_continues_from_there(engine: Engine) -> None:
    slow = ModelSpec(provider="scripted", pace=Pace(ttft_ms=20, tokens_per_s=400))
    source = Source(builder=three_calls, given={"said": ""})
    run = engine.start(RunRequest(graph=source, model=slow, modes=("messages",), prompt="go"))
    for batch in run.follow():
        if any(isinstance(entry.event, Token) for entry in batch):
            run.drain()
    assert run.status == "Paused", run.ended
    assert run.ended is not None
    assert run.ended.outcome == "interrupted", "as LangGraph calls it"
    assert run.ended.next == ("second",)
    assert "before second" in run.ended.reason
    assert [message.node for message in spoken(run)] == ["first"]
    assert spoken(run)[0].usage, "the step was finished"
    rest = again(engine, run, Resume())
    assert [message.node for message in spoken(rest)] == ["second", "third"]


def test_draining_the_last_step_completes_the_run(engine: Engine) -> None:
    source = Source(builder=three_calls, given={"said": ""})
    run = engine.start(RunRequest(graph=source, model=QUICK, modes=("messages",), prompt="go"))
    for batch in run.follow():
        if any(getattr(entry.event, "node", "") == "third" for entry in batch):
            run.drain()
    assert run.status == "Completed"


def test_a_cancelled_run_names_the_synchronous_node_that_cannot_be_interrupted(engine: Engine) -> None:
    begun, let_go = threading.Event(), threading.Event()

    def build(model: Any, checkpointer: Any) -> Any:
        def stubborn(state: dict[str, Any]) -> dict[str, Any]:
            begun.set()
            let_go.wait(20)
            return {"said": "late"}

        graph = StateGraph(dict)
        graph.add_node("stubborn", stubborn)
        graph.add_edge(START, "stubborn")
        graph.add_edge("stubborn", END)
        return graph.compile(checkpointer=checkpointer)

    run = start(engine, build, {"said": ""})
    assert begun.wait(20)
    run.cancel()
    finish(run)
    let_go.set()
    assert run.ended is not None
    assert run.status == "Cancelled"
    assert "stubborn is synchronous code" in run.ended.reason


def test_a_stopped_answer_is_marked_where_it_stops(engine: Engine) -> None:
    slow = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=100))
    source = Source(builder=three_calls, given={"said": ""})
    run = engine.start(RunRequest(graph=source, model=slow, modes=("messages",), prompt="go"))
    for batch in run.follow():
        if any(isinstance(entry.event, Token) for entry in batch):
            run.cancel()
    assert run.ended is not None
    (message,) = apply_all(Messages(), run.events).answers()
    assert run.ended.cut == (message.message_id,)
    assert run.ended.next == ("first",)


async def test_a_scripted_answer_continues_where_it_stopped(engine: Engine) -> None:
    slow = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=300))
    source = Source(builder=three_calls, given={"said": ""})
    run = engine.start(RunRequest(graph=source, model=slow, modes=("messages",), prompt="go"))
    await asyncio.to_thread(_stop_at, run, 40)
    partial = spoken(run)[-1].text
    rest = again(engine, run, Resume(partial_answers={"first": PartialAnswer(text=partial, continues=True)}))
    assert spoken(rest)[0].text == whole("first", max_tokens=None)


def _stop_at(run: Run, characters: int) -> None:
    for _ in run.follow():
        said = spoken(run)
        if said and len(said[-1].text) > characters:
            run.cancel()


@pytest.mark.parametrize("fault", ["429", "slow-first-token"])
def test_each_attempt_has_its_reason_and_pause(engine: Engine, fault_server: FaultServer, fault: str) -> None:
    plan = FaultPlan(fault=fault, when="before", times=2, retry_after_s=0.05, **CUT)
    run = run_into(engine, fault_server.open(plan), retry_policy=AT_ONCE, limits=SHORT)
    told = [entry.event for entry in run.events if isinstance(entry.event, Attempt)]
    assert [(event.number, event.of) for event in told] == [(2, 3), (3, 3)]
    assert {event.reason for event in told} == {"status 429" if fault == "429" else "no first chunk within the limit"}
    assert [event.pause_s for event in told] == ([0.05, 0.05] if fault == "429" else [0.0, 0.0])
