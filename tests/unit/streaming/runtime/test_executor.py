"""A run is executed: every shape of graph, its limits, and one end event."""

import asyncio
import threading
from contextlib import closing
from typing import Any

import pytest
from langgraph.graph import START, StateGraph

from streaming.core import stops_first
from streaming.core.events import CheckpointSaved, Ended, Token, Values
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import CompiledGraph, Fork, Resume, RunRequest
from streaming.core.stops_first import StopsFirst
from streaming.projections.base import apply_all
from streaming.projections.checkpoints import Checkpoints
from streaming.projections.node_spans import NodeSpans
from streaming.runtime import executor
from streaming.runtime.engine import Engine
from streaming.runtime.known_graphs import KnownGraphs
from tests.support.graphs import QUICK, SLOW, Source, State, events_of, finish, one_node, parallel, speak, start
from tests.support.waiting import wait_until


def test_a_run_streams_every_mode_and_ends_once(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}))
    kinds = {entry.event.kind for entry in run.events}
    assert kinds == {"started", "values", "updates", "messages", "tasks", "checkpoints", "debug", "ended"}
    assert [entry.seq for entry in run.events] == list(range(run.length))
    assert len(events_of(run, Ended)) == 1
    assert all(entry.size > 0 for entry in run.events if entry.event.kind not in ("started", "ended"))


def test_parallel_nodes_overlap(engine: Engine) -> None:
    both = asyncio.Barrier(2)

    async def left(state: State) -> State:
        await both.wait()
        return {"parts": ["l"]}

    async def right(state: State) -> State:
        await both.wait()
        return {"parts": ["r"]}

    run = finish(start(engine, parallel(left, right), {}))
    spans = list(apply_all(NodeSpans(), run.events).spans.values())
    assert len(spans) == 2
    assert max(span.start for span in spans) <= min(span.end or 0 for span in spans)


def test_a_thread_can_be_forked_from_a_checkpoint_with_a_field_changed(engine: Engine) -> None:
    async def first(state: State) -> State:
        return {"parts": [f"first saw {state['text']}"]}

    async def second(state: State) -> State:
        return {"parts": [f"second saw {state['text']}"]}

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(State)
        graph.add_sequence([first, second])
        graph.add_edge(START, "first")
        return graph.compile(checkpointer=checkpointer)

    run = finish(start(engine, build, {"text": "old"}))
    places = [saved.checkpoint for saved in apply_all(Checkpoints(), run.events).root]
    before_second = next(place for place in places if place.next == ("second",))
    fork = Fork(checkpoint_id=before_second.checkpoint_id, step=before_second.step, edits={"text": "new"})
    forked = finish(start(engine, build, {}, thread_id=run.thread_id, fork=fork))
    assert forked.status == "Completed"
    assert events_of(forked, Values)[-1].state["parts"] == ["first saw old", "second saw new"]
    assert events_of(forked, CheckpointSaved)


def test_a_graph_that_has_to_be_loaded_for_its_input_holds_up_no_other_run(engine: Engine) -> None:
    asked, loaded = threading.Event(), threading.Event()

    class Loads(Source):
        def to_input(self, prompt: str, /) -> Any:
            asked.set()
            return {} if loaded.wait(10) else None

    slow = KnownGraphs()
    slow.load_by(lambda: [Loads(builder=one_node(speak), given={}, name="slow")])
    waiting = engine.start(RunRequest(graph=slow.named("slow"), model=QUICK, modes=("values",), prompt="go"))
    assert asked.wait(10)
    other = start(engine, one_node(speak), {})
    wait_until(lambda: other.ended is not None, timeout_s=5)
    assert waiting.ended is None
    loaded.set()
    assert finish(waiting).status == "Completed"


def test_cancel_before_the_first_step_still_ends_the_run(engine: Engine) -> None:
    run = start(engine, one_node(speak), {}, model=SLOW)
    run.cancel()
    assert finish(run).status == "Cancelled"


def test_while_a_run_is_stopped_the_others_pause_and_then_go_on(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, read, paused = threading.Event(), threading.Event(), threading.Event()
    pass_by = StopsFirst.pass_by

    async def slow_position(end: Ended, *_: Any) -> Ended:
        reading.set()
        await asyncio.to_thread(read.wait, 20)
        return end

    async def passes_by(stops: StopsFirst) -> None:
        paused.set()
        await pass_by(stops)

    monkeypatch.setattr(executor, "with_thread_position", slow_position)
    monkeypatch.setattr(StopsFirst, "pass_by", passes_by)
    monkeypatch.setattr(stops_first, "LONGEST_HOLD_S", 60)
    stopped = start(engine, one_node(speak), {}, model=SLOW)
    second_long = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=400, tokens=400))
    other = start(engine, one_node(speak), {}, model=second_long)
    wait_until(lambda: bool(events_of(stopped, Token)) and bool(events_of(other, Token)))
    stopped.cancel()
    assert reading.wait(10)
    assert paused.wait(10)
    assert other.ended is None
    read.set()
    assert finish(stopped).status == "Cancelled"
    assert finish(other).status == "Completed"


def test_a_run_over_its_time_is_timed_out_with_what_it_had(engine: Engine) -> None:
    # The first run of an engine takes longer than others.
    finish(start(engine, one_node(speak), {}))
    run = finish(start(engine, one_node(speak), {}, model=SLOW, limits=Limits(run_s=1.0)))
    assert run.status == "Timed out"
    assert events_of(run, Token)
    assert run.ended is not None
    assert "or another server if this one never ends its answers" in run.ended.advice, "no choice of a model ends those"


def test_a_run_without_followers_is_cancelled_after_its_grace_time(engine: Engine) -> None:
    run = start(engine, one_node(speak), {}, model=SLOW, limits=Limits(grace_s=0.1))
    wait_until(lambda: run.ended is not None)
    assert run.status == "Cancelled"
    assert run.ended is not None
    assert "no follower" in run.ended.reason


def test_a_followed_run_outlives_its_grace_time(engine: Engine) -> None:
    # Long enough for a busy machine to come from the start to the follower.
    short = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=100, tokens=90))
    assert finish(start(engine, one_node(speak), {}, model=short, limits=Limits(grace_s=0.6))).status == "Completed"


@pytest.mark.parametrize(
    ("fields", "error", "says"),
    [
        ({"prompt": "  \n"}, "EmptyPrompt", "empty"),
        ({"prompt": "x" * 200_000}, "PromptTooLong", "200,000"),
        ({"resume": Resume(answers={"id": {"texts": ["x" * 15_000, "y" * 6_000]}})}, "PromptTooLong", "21,000"),
        ({"fork": Fork(checkpoint_id="c", step=0, edits={"text": "x" * 30_000})}, "PromptTooLong", "30,000"),
        ({"modes": ("tokens",)}, "UnknownMode", "tokens"),
        ({"modes": ()}, "UnknownMode", ""),
        ({"limits": Limits(events=5)}, "LimitReached", "5 events"),
    ],
)
def test_bad_requests_end_as_failed_with_a_sentence_and_an_advice(
    engine: Engine, fields: dict[str, Any], error: str, says: str
) -> None:
    run = finish(start(engine, one_node(speak), {}, **fields))
    assert run.ended is not None
    assert (run.status, run.ended.error) == ("Failed", error)
    assert says in run.ended.reason
    assert run.ended.advice


@pytest.mark.parametrize(
    ("limits", "setting"), [(Limits(events=5), "run_events"), (Limits(bytes=50), "run_bytes")], ids=["events", "bytes"]
)
def test_a_limit_of_the_log_names_the_setting_that_sets_it(engine: Engine, limits: Limits, setting: str) -> None:
    ended = finish(start(engine, one_node(speak), {}, limits=limits)).ended
    assert ended is not None
    assert f"`{setting}`" in ended.advice


def test_nothing_can_follow_the_end_event(engine: Engine) -> None:
    run = finish(start(engine, one_node(speak), {}))
    with pytest.raises(RuntimeError):
        run.append(Ended(outcome="completed"))


async def _speaks(_: State) -> State:
    return {"text": "bees"}


async def _breaks_off(_: State) -> State:
    raise ValueError("no bees")


@pytest.mark.parametrize(("node", "status"), [(_speaks, "Completed"), (_breaks_off, "Failed")])
def test_a_run_takes_as_long_as_its_stream_and_not_as_what_is_read_for_its_end(node: Any, status: str) -> None:
    now = [100.0]

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = one_node(lambda _: node)(model, checkpointer)
        read = graph.aget_state

        async def slowly(config: Any) -> Any:
            now[0] += 5
            return await read(config)

        graph.aget_state = slowly  # type: ignore[method-assign, assignment]
        return graph

    with closing(Engine(clock=lambda: now[0])) as engine:
        run = finish(start(engine, build, {}))
    assert run.status == status
    assert run.age_s == 5, "the position of its thread was read"
    assert run.events[-1].t == 0
