"""Values of a graph as plain JSON values: detached, without keys, and whatever they are."""

import asyncio
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, ToolMessage
from pydantic import BaseModel

from streaming.core.events import LogEntry, Values
from streaming.core.serialization import (
    PIECE_BYTES,
    from_json,
    hide_keys,
    replace_lone_surrogates,
    to_json,
    to_json_in_turns,
    to_plain,
)
from streaming.recordings.format import dump_line
from tests.support.turns_of_others import with_turns_of_others


class Model(BaseModel):
    text: str = "a"


@dataclass
class Data:
    text: str = "a"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (Model(), {"text": "a"}),
        (Data(), {"text": "a"}),
        ({1: "one"}, {"1": "one"}),
        ({"a"}, ["a"]),
        ((1, (2,)), [1, [2]]),
        (ValueError("no"), "ValueError: no"),
        (2**64, str(2**64)),
        (-(2**63) - 1, str(-(2**63) - 1)),
        (float("nan"), None),
        ("half \ud83d", "half �"),
    ],
)
def test_a_value_becomes_plain(value: Any, plain: Any) -> None:
    assert to_plain(value) == plain


def test_an_integer_too_long_for_python_to_write_in_decimal_is_hexadecimal() -> None:
    assert to_plain(1 << 50_000) == hex(1 << 50_000)


def test_a_cycle_ends_with_an_ellipsis() -> None:
    circle: dict[str, Any] = {"text": "x"}
    circle["self"] = circle
    assert to_plain(circle) == {"text": "x", "self": "…"}


def test_a_plain_value_does_not_change_with_its_source() -> None:
    live = {"parts": ["first"]}
    plain = to_plain(live)
    live["parts"].append("second")
    assert plain == {"parts": ["first"]}


def test_a_message_is_stored_without_its_empty_fields() -> None:
    assert to_plain(AIMessage("hi", id="1")) == {"type": "ai", "id": "1", "content": "hi"}
    failed = to_plain(ToolMessage("no", tool_call_id="t", status="error"))
    assert failed["status"] == "error"


@given(
    st.recursive(st.none() | st.text() | st.integers() | st.binary(), lambda inner: st.lists(inner) | st.tuples(inner))
)
def test_plain_values_stay_the_same_when_they_are_converted_again(value: Any) -> None:
    assert to_plain(to_plain(value)) == to_plain(value)


@given(st.text(st.characters(), max_size=20))
def test_text_without_lone_surrogates_can_be_encoded_and_other_text_stays(text: str) -> None:
    mended = replace_lone_surrogates(text)
    mended.encode()
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert mended == text


async def test_hidden_keys_are_replaced_in_their_task_only() -> None:
    async def with_key() -> Any:
        hide_keys(['quoted"key'])
        return to_plain({"error": 'Incorrect key quoted"key.'})

    assert await asyncio.create_task(with_key()) == {"error": "Incorrect key [key]."}
    assert from_json(to_json('quoted"key')) == 'quoted"key'


async def test_other_tasks_have_turns_while_keys_are_taken_out_of_a_large_value() -> None:
    value = {"lines": "a line\n" * 100_000 + "planted-key" + "\n" * 100_000}
    context = copy_context()
    context.run(hide_keys, ["planted-key"])
    written, turns = await with_turns_of_others(asyncio.create_task(to_json_in_turns(value), context=context))
    assert written == context.run(to_json, value)
    assert b"[key]" in written
    assert b"planted" not in written
    assert turns >= len(written) // PIECE_BYTES - 1


def test_a_deep_value_leaves_room_for_the_event_that_it_is_put_into() -> None:
    """A state 250 levels deep could be written by itself, and not as an event: its run was lost from the history."""
    value: Any = 1
    for _ in range(250):
        value = {"a": value}
    line = dump_line(LogEntry(seq=0, t=0.0, event=Values(ns=(), state=to_plain({"deep": value})), size=1))
    assert b'"a"' in line
