"""The engine through real compiled graphs: every shape of stream, every way to end."""

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langgraph.cache.memory import InMemoryCache
from langgraph.config import get_stream_writer
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import CachePolicy, interrupt
from pydantic import BaseModel

from streaming.core.events import ApiEvent, CheckpointSaved, Custom, Ended, TaskEnded, Token, Updates, Values
from streaming.core.limits import Limits
from streaming.core.model_spec import ModelSpec, Pace
from streaming.core.request import Api, CompiledGraph, Fork, Resume, RunRequest
from streaming.core.run import Run
from streaming.core.serialization import to_json
from streaming.projections.base import apply_all
from streaming.projections.checkpoints import Checkpoints
from streaming.projections.messages import Messages
from streaming.projections.node_spans import NodeSpans
from streaming.providers.scripted.model import ScriptedChatModel
from streaming.recordings.format import dump_event
from streaming.runtime import event_apis
from streaming.runtime.engine import Engine
from tests.support.graphs import QUICK, ChunkModel, State, finish, one_node, speak, start

SLOW = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=50, tokens=2000))


class Talk(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]


@pytest.fixture
def lab() -> Engine:
    return Engine()


def events(run: Run, kind: type) -> list[Any]:
    return [entry.event for entry in run.events if isinstance(entry.event, kind)]


def tokens_of(lab: Engine, *chunks: AIMessageChunk, **fields: Any) -> list[Token]:
    fake = ChunkModel(chunks=chunks, **fields)
    run = finish(start(lab, one_node(lambda _: speak(fake)), {}))
    assert run.status == "Completed"
    return events(run, Token)


def test_a_run_streams_every_mode_and_ends_once(lab: Engine) -> None:
    run = finish(start(lab, one_node(speak), {}))
    kinds = {entry.event.kind for entry in run.events}
    assert kinds == {"started", "values", "updates", "messages", "tasks", "checkpoints", "debug", "ended"}
    assert [entry.seq for entry in run.events] == list(range(run.length))
    assert len(events(run, Ended)) == 1
    assert all(entry.size > 0 for entry in run.events if entry.event.kind not in ("started", "ended"))


def test_the_message_metadata_is_kept_once_a_message_and_weighed_every_time(lab: Engine) -> None:
    run = finish(start(lab, one_node(speak), {}, modes=("messages",)))
    tokens = [entry for entry in run.events if isinstance(entry.event, Token)]
    assert [token.event.metadata is not None for token in tokens] == [True] + [False] * (len(tokens) - 1)  # type: ignore[union-attr]
    assert min(token.size for token in tokens) > 300


def test_empty_and_usage_only_chunks_bring_no_text(lab: Engine) -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    tokens = tokens_of(
        lab, AIMessageChunk(content=""), AIMessageChunk(content="hi"), AIMessageChunk(content="", usage_metadata=usage)
    )
    assert [token.text for token in tokens][:3] == ["", "hi", ""]
    assert [token.usage["output_tokens"] for token in tokens if token.usage] == [2]


def test_a_character_that_the_provider_cut_in_two_is_put_together(lab: Engine) -> None:
    chunks = [AIMessageChunk(text) for text in ("a ", "\ud83d", "\ude00 b", "é", "\ude00")]
    run = finish(start(lab, one_node(lambda _: speak(ChunkModel(chunks=chunks))), {}))
    assert run.status == "Completed", run.ended
    assert [token.text for token in events(run, Token)] == ["a ", "", "😀 b", "é", "�", ""]
    assert events(run, Values)[-1].state["text"] == "a 😀 bé�"
    assert all(dump_event(entry) for entry in run.events)


@pytest.mark.parametrize("api", ["events v2", "events v3", "events v3, typed"])
def test_half_a_character_fails_no_event_api(lab: Engine, api: Api) -> None:
    chunks = [AIMessageChunk(text) for text in ("\ud83d", "\ude00")]
    run = finish(start(lab, one_node(lambda _: speak(ChunkModel(chunks=chunks))), {}, api=api))
    assert run.status == "Completed", run.ended
    assert all(dump_event(entry) for entry in run.events)


def test_a_piece_of_a_typed_projection_is_weighed_once(lab: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[Any] = []
    monkeypatch.setattr(event_apis, "to_json", lambda value: weighed.append(value) or to_json(value))
    run = finish(start(lab, one_node(speak), {}, api="events v3, typed"))
    assert len(weighed) == len(events(run, ApiEvent)) > 0


def test_what_json_cannot_say_fails_no_run(lab: Engine) -> None:
    circle: dict[str, Any] = {"text": "x\ud800", "big": 2**70, 2**70: {"small": 1}}
    circle["self"] = circle
    endless = 1 << 50_000

    def tell(model: Any) -> Any:
        async def only(state: State) -> State:
            for said in (circle, endless, [object, AIMessage("\ud800")]):
                get_stream_writer()(said)
            return {"text": ""}

        return only

    run = finish(start(lab, one_node(tell), {}))
    assert run.status == "Completed", run.ended
    first, second, third = (event.data for event in events(run, Custom))
    assert first == {"text": "x�", "big": str(2**70), str(2**70): {"small": 1}, "self": "…"}
    assert second == hex(endless)
    assert third[0] == repr(object)
    assert third[1]["content"] == "�"


def test_tool_call_chunks_come_in_pieces(lab: Engine) -> None:
    def piece(name: str | None, args: str) -> AIMessageChunk:
        call = {"name": name, "args": args, "id": "1" if name else None, "index": 0, "type": "tool_call_chunk"}
        return AIMessageChunk(content="", tool_call_chunks=[call])

    tokens = tokens_of(lab, piece("add", '{"a": '), piece(None, "1}"))
    assert [call["args"] for token in tokens for call in token.tool_calls] == ['{"a": ', "1}"]


def test_reasoning_is_told_apart_from_text(lab: Engine) -> None:
    block = {"type": "reasoning", "reasoning": "hm", "index": 0}
    tokens = tokens_of(lab, AIMessageChunk(content=[block]), AIMessageChunk(content=[{"type": "text", "text": "so"}]))
    assert "".join(token.reasoning for token in tokens) == "hm"
    assert "".join(token.text for token in tokens) == "so"


def test_a_model_that_does_not_stream_gives_one_whole_message(lab: Engine) -> None:
    fake = ChunkModel(chunks=[AIMessageChunk(content="all")], disable_streaming=True)

    def talk(model: Any) -> Any:
        async def only(state: Talk) -> Talk:
            return {"messages": [await fake.ainvoke("go")]}

        return only

    tokens = events(finish(start(lab, one_node(talk, Talk), {}, modes=("messages",))), Token)
    assert "".join(token.text for token in tokens) == "all"
    assert len([token for token in tokens if token.text]) == 1


def test_nostream_hides_the_tokens_and_the_message_still_comes_whole(lab: Engine) -> None:
    def talk(model: Any) -> Any:
        async def only(state: Talk) -> Talk:
            return {"messages": [await model.with_config(tags=["nostream"]).ainvoke("go")]}

        return only

    tokens = events(finish(start(lab, one_node(talk, Talk), {}, modes=("messages",))), Token)
    assert [token.whole for token in tokens] == [True]


def test_a_message_that_a_node_just_returns_comes_whole(lab: Engine) -> None:
    def talk(model: Any) -> Any:
        async def only(state: Talk) -> Talk:
            return {"messages": [AIMessage("fixed")]}

        return only

    tokens = events(finish(start(lab, one_node(talk, Talk), {}, modes=("messages",))), Token)
    assert [(token.text, token.whole) for token in tokens] == [("fixed", True)]


class PydanticState(BaseModel):
    text: str = ""


@dataclass
class DataclassState:
    text: str = ""


@pytest.mark.parametrize("state", [State, PydanticState, DataclassState])
def test_every_kind_of_state_comes_as_plain_data(lab: Engine, state: Any) -> None:
    def write(model: Any) -> Any:
        async def only(given: Any) -> dict[str, str]:
            return {"text": "new"}

        return only

    run = finish(start(lab, one_node(write, state), {"text": "old"}))
    assert [event.state["text"] for event in events(run, Values)] == ["old", "new"]


def test_the_log_is_detached_from_live_state(lab: Engine) -> None:
    live = ["first"]

    def write(model: Any) -> Any:
        async def only(given: State) -> State:
            live.append("second")
            return {"text": "done"}

        return only

    run = finish(start(lab, one_node(write), {"parts": live}))
    assert events(run, Values)[0].state["parts"] == ["first"]


def parallel(*nodes: Any) -> Any:
    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(State)
        for node in nodes:
            graph.add_node(node.__name__, node)
            graph.add_edge(START, node.__name__)
        return graph.compile(checkpointer=checkpointer)

    return build


def test_parallel_nodes_overlap(lab: Engine) -> None:
    both = asyncio.Barrier(2)

    async def left(state: State) -> State:
        await both.wait()
        return {"parts": ["l"]}

    async def right(state: State) -> State:
        await both.wait()
        return {"parts": ["r"]}

    run = finish(start(lab, parallel(left, right), {}))
    spans = list(apply_all(NodeSpans(), run.events).spans.values())
    assert len(spans) == 2
    assert max(span.start for span in spans) <= min(span.end or 0 for span in spans)


def test_the_siblings_of_a_failed_node_are_cut_and_the_reason_is_kept(lab: Engine) -> None:
    async def fails(state: State) -> State:
        raise ValueError("boom")

    async def waits(state: State) -> State:
        await asyncio.Event().wait()
        return {}

    run = finish(start(lab, parallel(fails, waits), {}))
    assert run.status == "Failed"
    assert run.ended is not None
    assert run.ended.reason == "A node raised ValueError: boom"
    states = {span.node: span.state for span in apply_all(NodeSpans(), run.events).spans.values()}
    assert states == {"fails": "failed", "waits": "cut"}
    assert ["boom" in str(event.error) for event in events(run, TaskEnded)] == [True]


def test_a_cache_hit_is_told_as_one(lab: Engine) -> None:
    cache = InMemoryCache[Any]()

    async def only(state: State) -> State:
        return {"text": "once"}

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(State)
        graph.add_node("only", only, cache_policy=CachePolicy())
        graph.add_edge(START, "only")
        return graph.compile(checkpointer=checkpointer, cache=cache)

    first, second = (finish(start(lab, build, {"text": "x"})) for _ in range(2))
    assert [event.cached for event in events(first, Updates)] == [False]
    assert [event.cached for event in events(second, Updates)] == [True]
    assert [span.state for span in apply_all(NodeSpans(), second.events).spans.values()] == ["cached"]


def nested(model: Any, checkpointer: Any) -> CompiledGraph:
    inner = StateGraph(State)
    inner.add_node("inner", speak(model))
    inner.add_edge(START, "inner")
    outer = StateGraph(State)
    outer.add_node("outer", inner.compile())
    outer.add_edge(START, "outer")
    return outer.compile(checkpointer=checkpointer)


def test_a_subgraph_speaks_under_its_namespace(lab: Engine) -> None:
    tokens = [token for token in events(finish(start(lab, nested, {})), Token) if token.text]
    assert len(tokens) > 5
    assert all(token.ns and token.ns[0].startswith("outer:") for token in tokens)


def test_an_interrupt_ends_the_run_as_interrupted_in_every_mode(lab: Engine) -> None:
    def ask(model: Any) -> Any:
        async def only(state: State) -> State:
            return {"text": interrupt("sure?")}

        return only

    for modes in (("updates",), ("messages",), ("custom",)):
        assert finish(start(lab, one_node(ask), {}, modes=modes)).status == "Interrupted"  # type: ignore[arg-type]


def test_a_thread_can_be_forked_from_a_checkpoint_with_a_field_changed(lab: Engine) -> None:
    async def first(state: State) -> State:
        return {"parts": [f"first saw {state['text']}"]}

    async def second(state: State) -> State:
        return {"parts": [f"second saw {state['text']}"]}

    def build(model: Any, checkpointer: Any) -> CompiledGraph:
        graph = StateGraph(State)
        graph.add_sequence([first, second])
        graph.add_edge(START, "first")
        return graph.compile(checkpointer=checkpointer)

    run = finish(start(lab, build, {"text": "old"}))
    places = [saved.checkpoint for saved in apply_all(Checkpoints(), run.events).root]
    before_second = next(place for place in places if place.next == ("second",))
    fork = Fork(checkpoint_id=before_second.checkpoint_id, step=before_second.step, edits={"text": "new"})
    forked = finish(start(lab, build, {}, thread_id=run.thread_id, fork=fork))
    assert forked.status == "Completed"
    assert events(forked, Values)[-1].state["parts"] == ["first saw old", "second saw new"]
    assert events(forked, CheckpointSaved)


def test_cancel_ends_the_run_quickly_and_keeps_the_text(lab: Engine) -> None:
    run = start(lab, one_node(speak), {}, model=SLOW)
    for batch in run.follow():
        if any(isinstance(entry.event, Token) and entry.event.text for entry in batch):
            run.cancel()
    assert run.status == "Cancelled"
    assert apply_all(Messages(), run.events).spoken()[0].text
    run.cancel()
    assert run.status == "Cancelled", "a second Stop changes nothing"


def test_cancel_before_the_first_step_still_ends_the_run(lab: Engine) -> None:
    run = start(lab, one_node(speak), {}, model=SLOW)
    run.cancel()
    assert finish(run).status == "Cancelled"


def test_a_run_over_its_time_is_timed_out_with_what_it_had(lab: Engine) -> None:
    run = finish(start(lab, one_node(speak), {}, model=SLOW, limits=Limits(run_s=1.0)))
    assert run.status == "Timed out"
    assert events(run, Token)


def test_a_timeout_of_the_graphs_own_is_a_failure_and_not_ours(lab: Engine) -> None:
    def slow(model: Any) -> Any:
        async def only(state: State) -> State:
            raise TimeoutError

        return only

    assert finish(start(lab, one_node(slow), {})).status == "Failed"


def test_a_run_that_nobody_follows_is_cancelled_after_its_grace_time(lab: Engine) -> None:
    run = start(lab, one_node(speak), {}, model=SLOW, limits=Limits(grace_s=0.1))
    deadline = time.monotonic() + 5
    while run.ended is None and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert run.status == "Cancelled"
    assert run.ended is not None
    assert "no follower" in run.ended.reason


def test_a_followed_run_outlives_its_grace_time(lab: Engine) -> None:
    short = ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens_per_s=100, tokens=40))
    assert finish(start(lab, one_node(speak), {}, model=short, limits=Limits(grace_s=0.05))).status == "Completed"


def test_a_late_follower_gets_the_same_events(lab: Engine) -> None:
    run = finish(start(lab, one_node(speak), {}))
    assert [entry for batch in run.follow() for entry in batch] == run.events
    assert [entry.seq for batch in run.follow(3) for entry in batch] == list(range(3, run.length))


def test_followers_at_the_same_time_all_see_everything(lab: Engine) -> None:
    run = start(
        lab,
        one_node(speak),
        {},
        model=ModelSpec(provider="scripted", pace=Pace(ttft_ms=0, tokens=300, tokens_per_s=2000)),
    )
    seen: list[list[int]] = []

    def look() -> None:
        seen.append([entry.seq for batch in run.follow(frame_s=0.01) for entry in batch])

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [list(range(run.length))] * 4


def test_runs_cannot_be_listed_and_their_ids_cannot_be_guessed(lab: Engine) -> None:
    runs = [finish(start(lab, one_node(speak), {})) for _ in range(2)]
    assert runs[0].id != runs[1].id
    assert all(len(run.id) >= 20 for run in runs)
    assert runs[0].thread_id != runs[1].thread_id
    assert lab.get(runs[0].id) is runs[0]
    assert lab.get("guess") is None
    assert lab.registry.turns(runs[0]) == [runs[0]]


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
    lab: Engine, fields: dict[str, Any], error: str, says: str
) -> None:
    run = finish(start(lab, one_node(speak), {}, **fields))
    assert run.ended is not None
    assert (run.status, run.ended.error) == ("Failed", error)
    assert says in run.ended.reason
    assert run.ended.advice


def test_nothing_can_follow_the_end_event(lab: Engine) -> None:
    run = finish(start(lab, one_node(speak), {}))
    with pytest.raises(RuntimeError):
        run.append(Ended(outcome="completed"))


def test_limits_check_themselves() -> None:
    with pytest.raises(ValueError, match="run_s"):
        Limits(run_s=0)


def test_the_request_holds_no_secret(lab: Engine) -> None:
    run = lab.start(
        RunRequest(graph=start(lab, one_node(speak), {}).request.graph, model=QUICK, modes=("updates",), prompt="x"),
        api_key="sk-planted-secret",
    )
    finish(run)
    assert "planted" not in repr(run.request) + repr(run.events) + repr(vars(run))


async def test_the_scripted_model_is_deterministic() -> None:
    model = ScriptedChatModel(pace=Pace(ttft_ms=0, tokens_per_s=5000))
    assert (await model.ainvoke("a")).text == (await model.ainvoke("a")).text
