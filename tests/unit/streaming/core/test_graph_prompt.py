"""Where a prompt enters an input that is known by its schema, and what is left to ask."""

from typing import Any

import pytest

from streaming.core.graph_prompt import (
    beside_prompt,
    named_prompt,
    prompt_field,
    prompt_in,
    prompt_is_input,
    prompt_is_messages,
    takes_prompt,
    without_prompt,
)

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def of(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (of(topic=TEXT, messages={"type": "array"}), "messages"),
        (of(count=NUMBER, topic=TEXT, style=TEXT), "topic"),
        (of(topic={"anyOf": [TEXT, {"type": "null"}]}), "topic"),
        (of(tone={"type": "string", "enum": ["dry"]}, file={"type": "string", "contentEncoding": "base64"}), None),
        (of(price={"anyOf": [NUMBER, {"type": "string", "pattern": r"^\d+$"}]}, note=TEXT), "note"),
        (of(user_id=TEXT, question=TEXT), "question"),
        (of(user_id=TEXT, question=NUMBER), "user_id"),
        (of(count=NUMBER), None),
        ({}, None),
    ],
)
def test_the_prompt_fills_the_messages_or_the_first_text(schema: dict[str, Any], field: str | None) -> None:
    assert prompt_field(schema) == field


def test_a_form_asks_for_the_other_fields() -> None:
    left = without_prompt(of(topic=TEXT, count=NUMBER))
    assert (left["properties"], left["required"]) == ({"count": NUMBER}, ["count"])


def test_a_form_asks_for_all_where_nothing_takes_a_prompt_and_for_nothing_where_it_is_the_input() -> None:
    assert without_prompt(of(count=NUMBER)) == of(count=NUMBER)
    assert prompt_is_input(TEXT)
    assert prompt_is_input({}), "nothing is known of it"
    assert not prompt_is_input(NUMBER)
    assert without_prompt(TEXT) == {}


@pytest.mark.parametrize("items", [{"$ref": "#/$defs/BaseMessage"}, {"oneOf": [{"$ref": "#/$defs/HumanMessage"}]}])
def test_the_prompt_is_one_message_where_the_input_is_a_list_of_them(items: dict[str, Any]) -> None:
    schema = {"type": "array", "items": items}
    assert prompt_is_messages(schema)
    assert takes_prompt(schema)
    assert without_prompt(schema) == {}
    assert not prompt_is_messages({"type": "array", "items": TEXT})


def test_what_is_no_prompt_of_an_input_is_what_a_form_beside_the_prompt_holds() -> None:
    schema = {"properties": {"topic": {"type": "string"}, "number": {"type": "integer"}}}
    assert beside_prompt(schema, {"topic": "tea", "number": 2}) == {"number": 2}
    assert beside_prompt({"properties": {"number": {"type": "integer"}}}, {"number": 2}) == {"number": 2}
    assert beside_prompt(schema, [1]) == [1], "raw JSON of another form"
    assert beside_prompt({"type": "string"}, "tea") is None


def test_the_field_of_the_prompt_is_named_where_another_one_could_be_meant() -> None:
    assert named_prompt(of(user_id=TEXT, question=TEXT)) == "question"
    for clear in (of(messages={"type": "array"}, topic=TEXT), of(count=NUMBER), {"type": "string"}):
        assert named_prompt(clear) is None


@pytest.mark.parametrize(
    ("schema", "value", "prompt"),
    [
        ({"properties": {"id": {"type": "integer"}, "question": {"type": "string"}}}, {"id": 1, "question": "q"}, "q"),
        (
            {"properties": {"messages": {"type": "array"}}},
            {"messages": [{"role": "human", "content": "a"}, {"role": "human", "content": "b"}]},
            "b",
        ),
        ({"properties": {"number": {"type": "integer"}}}, {"number": 1}, ""),
        ({"type": "string"}, "bees", "bees"),
        ({"type": "object"}, {}, ""),
        ({"properties": {"messages": {"type": "array"}}}, {"messages": []}, ""),
    ],
)
def test_the_prompt_is_found_in_an_input(schema: dict[str, Any], value: Any, prompt: str) -> None:
    assert prompt_in(schema, value) == prompt
