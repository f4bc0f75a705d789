"""What a form makes of a JSON schema."""

from typing import Annotated, Any

import pytest
from langchain_core.messages import AnyMessage
from pydantic import BaseModel, Field

from components.run_panel.input_form.fields import field_of
from streaming.core.json_input import errors_of, read_json


class Leaf(BaseModel):
    name: str
    count: int = 3


class Tree(BaseModel):
    label: str
    children: list["Tree"] = []


class Everything(BaseModel):
    leaf: Leaf
    rows: list[Leaf]
    words: list[str] = []
    maybe: int | None = None
    either: int | str = 1
    tree: Tree
    messages: list[AnyMessage]


def test_each_part_of_a_model_has_its_field() -> None:
    form = field_of(Everything.model_json_schema())
    kinds = {child.name: child.kind for child in form.children}
    assert kinds == {
        "leaf": "object",
        "rows": "table",
        "words": "list",
        "maybe": "whole",
        "either": "json",
        "tree": "object",
        "messages": "messages",
    }
    fields = {child.name: child for child in form.children}
    assert fields["maybe"].nullable
    assert not fields["maybe"].required
    assert [child.default for child in fields["leaf"].children] == [None, 3]
    assert [child.kind for child in fields["tree"].children] == ["text", "json"], "it contains itself"


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"enum": ["a", "b"]}, "choice"),
        ({"type": "boolean"}, "switch"),
        ({"type": ["string", "null"]}, "text"),
        ({"type": "string", "contentEncoding": "base64"}, "file"),
        ({"allOf": [{"properties": {"a": {"type": "string"}}}]}, "object"),
        ({"$ref": "#/nowhere"}, "json"),
        ({"$ref": "#"}, "json"),
        ({"type": "array"}, "json"),
        ({}, "json"),
        ({"type": "object"}, "json"),
    ],
)
def test_the_kind_of_a_field_follows_its_schema(schema: dict[str, Any], kind: str) -> None:
    assert field_of(schema).kind == kind


def test_whole_numbers_have_their_bounds() -> None:
    field = field_of({"type": "integer", "exclusiveMinimum": 0, "maximum": 9})
    assert (field.minimum, field.maximum) == (1, 9)


def test_an_error_names_the_path_of_its_field() -> None:
    schema = Everything.model_json_schema()
    [first, *_] = errors_of({"leaf": {"name": 3}, "rows": [], "tree": {"label": "x"}, "messages": []}, schema)
    assert first == "leaf.name: 3 is not of type 'string'."


def test_a_text_that_is_not_json_says_where() -> None:
    assert read_json('{"a": }')[1].startswith("This is not JSON: line 1, column 7")
    assert read_json('{"a": 1}') == ({"a": 1}, "")


def test_a_list_of_messages_whose_schema_says_nothing_of_its_items_is_told_by_its_name() -> None:
    schema = {"type": "object", "properties": {"messages": {"type": "array", "items": {}}, "steps": {"type": "array"}}}
    messages, steps = field_of(schema).children
    assert (messages.kind, steps.kind, steps.default) == ("messages", "json", [])


class Address(BaseModel):
    zip: str


class Trip(BaseModel):
    home: Address
    work: Address | None = None
    first_stop: Address
    goal: Annotated[Address, Field(title="Where it ends")]


def test_fields_of_one_class_are_told_apart_by_their_names_or_their_own_titles() -> None:
    titles = [child.title for child in field_of(Trip.model_json_schema()).children]
    assert titles == ["Home", "Work", "First Stop", "Where it ends"]


def test_a_name_without_a_title_keeps_the_capitals_that_it_has() -> None:
    fields = field_of({"type": "object", "properties": {"userID_of_all": {"type": "string"}, "_": True}}).children
    assert [field.title for field in fields] == ["UserID Of All", "_"]
