"""LangGraph's event APIs: the events that they send, told apart by message."""

import asyncio
import warnings
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from streaming.core.events import ApiEvent
from streaming.core.request import APIS, Api
from streaming.runtime.engine import Engine
from tests.support.graphs import State, finish, one_node, speak, start


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


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
