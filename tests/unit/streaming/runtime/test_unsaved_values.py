"""A value that a checkpointer cannot save is named by its field and type."""

from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph

from streaming.runtime.unsaved_values import unsaved_value


class State(TypedDict):
    data: Any


class Odd:
    """A value that no serializer knows."""

    __slots__ = ()

    def __reduce__(self) -> str:
        raise TypeError("not to be saved")


def error_of(value: object) -> Exception:
    """What a graph raises whose node returns this value."""
    builder = StateGraph(State)
    builder.add_node("work", lambda _: {"data": value})
    builder.add_edge(START, "work")
    graph = builder.compile(checkpointer=InMemorySaver())
    with pytest.raises(Exception, match=r".") as raised:
        graph.invoke({"data": None}, {"configurable": {"thread_id": "t"}})
    return raised.value


@pytest.mark.parametrize(
    ("value", "path"), [(Odd(), "data"), ({"inner": [1, Odd()]}, "data.inner.1"), ((Odd(),), "data.0")]
)
def test_the_innermost_value_is_named_with_its_path(value: object, path: str) -> None:
    explained = unsaved_value(error_of(value))
    assert explained is not None
    assert f"“{path}” in the state" in explained.message
    assert f"{Odd.__module__}.Odd" in explained.message


def test_a_number_that_is_too_large_is_named() -> None:
    explained = unsaved_value(error_of(2**70))
    assert explained is not None
    assert "of the type int." in explained.message


def test_other_errors_are_not_explained() -> None:
    assert unsaved_value(ValueError("something else")) is None
