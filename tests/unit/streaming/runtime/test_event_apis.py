"""LangGraph's event APIs: the events that they send, told apart by message."""

import asyncio
import warnings
from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langgraph.graph import MessagesState

from graphs import TECHNIQUES
from streaming.core.events import MODES, ApiEvent
from streaming.core.request import APIS, Api, RunRequest
from streaming.core.serialization import json_size
from streaming.projections.base import apply_all
from streaming.projections.metrics import MetricsCollector
from streaming.recordings.format import dump_event
from streaming.runtime import event_apis
from streaming.runtime.engine import Engine
from tests.support.graph_runs import (
    run_graph,
)
from tests.support.graphs import QUICK, ChunkModel, State, events_of, finish, one_node, speak, start


def two_calls(model: Any) -> Any:
    """A node that asks the model twice at the same time."""

    async def only(state: State) -> State:
        first, second = await asyncio.gather(model.ainvoke("Apples"), model.ainvoke("Pears"))
        return {"text": f"{first.text} / {second.text}"}

    return only


@pytest.mark.parametrize("api", [api for api in APIS if api != "stream modes"])
def test_two_calls_in_one_node_are_two_messages(engine: Engine, api: Api) -> None:
    run = finish(start(engine, one_node(two_calls), {}, api=api))
    assert run.status == "Completed"
    texts: dict[str, str] = defaultdict(str)
    for entry in run.events:
        match entry.event:
            case ApiEvent(message_id=message_id, text=text) if text:
                texts[message_id] += text
    assert sorted(text.partition("*")[2].partition("*")[0] for text in texts.values()) == ["Apples", "Pears"]


@pytest.mark.parametrize("api", ["events v2", "events v3", "events v3, typed"])
def test_every_event_api_carries_a_whole_message_that_a_node_returns(engine: Engine, api: Api) -> None:
    greeting = [AIMessage([{"type": "text", "text": "Good tide"}], id="one"), AIMessage("to you", id="two")]
    greet = one_node(lambda _model: lambda _state: {"messages": greeting}, MessagesState)
    run = finish(start(engine, greet, {"messages": []}, api=api))
    assert run.status == "Completed", run.ended
    if api != "events v2":  # it sends what models say, and no model was asked
        assert [event.text for event in events_of(run, ApiEvent) if event.text] == ["Good tide", "to you"]
    assert all(dump_event(entry) for entry in run.events)


@pytest.mark.parametrize("api", ["events v2", "events v3", "events v3, typed"])
def test_every_event_api_runs_with_a_model_that_cannot_stream(engine: Engine, api: Api) -> None:
    model = replace(QUICK, pace=replace(QUICK.pace, streams=False))
    run = finish(start(engine, one_node(speak), {}, api=api, model=model))
    assert run.status == "Completed", run.ended


def test_the_beta_warning_is_silenced_for_our_own_call_only(engine: Engine) -> None:
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        finish(start(engine, one_node(speak), {}, api="events v3"))
    assert not [one for one in caught if "v3 streaming protocol" in str(one.message)]
    assert warnings.filters == before


@pytest.mark.parametrize("api", ["events v2", "events v3", "events v3, typed"])
def test_half_a_character_fails_no_event_api(engine: Engine, api: Api) -> None:
    chunks = [AIMessageChunk(text) for text in ("\ud83d", "\ude00")]
    run = finish(start(engine, one_node(lambda _: speak(ChunkModel(chunks=chunks))), {}, api=api))
    assert run.status == "Completed", run.ended
    assert all(dump_event(entry) for entry in run.events)


def test_the_size_of_a_typed_projection_item_is_measured_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    weighed: list[Any] = []
    monkeypatch.setattr(event_apis, "json_size", lambda value: weighed.append(value) or json_size(value))
    run = finish(start(engine, one_node(speak), {}, api="events v3, typed"))
    assert len(weighed) == len(events_of(run, ApiEvent)) > 0


@pytest.mark.parametrize("name", list(TECHNIQUES))
@pytest.mark.parametrize("api", APIS)
def test_every_api_streams_every_graph(engine: Engine, name: str, api: str) -> None:
    run = run_graph(engine, name, api=api, modes=MODES)
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
        events = [entry.event for entry in run_graph(engine, "retrieval", api=api, modes=("messages",)).events]
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
