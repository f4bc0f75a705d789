"""LangGraph's event APIs: the events that they send, told apart by message."""

import asyncio
import warnings
from collections import defaultdict
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from streaming.core.events import ApiEvent
from streaming.core.request import APIS, Api
from streaming.core.serialization import to_json
from streaming.recordings.format import dump_event
from streaming.runtime import event_apis
from streaming.runtime.engine import Engine
from tests.support.graphs import ChunkModel, State, events_of, finish, one_node, speak, start


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
    monkeypatch.setattr(event_apis, "to_json", lambda value: weighed.append(value) or to_json(value))
    run = finish(start(engine, one_node(speak), {}, api="events v3, typed"))
    assert len(weighed) == len(events_of(run, ApiEvent)) > 0
