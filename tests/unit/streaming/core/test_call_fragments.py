"""Fragments of tool calls find their call, whichever of id, index and name a provider sends."""

from collections.abc import Mapping
from typing import Any

import pytest

from streaming.core.call_fragments import CallFragments, argument_text


@pytest.mark.parametrize(
    ("fragments", "calls"),
    [
        ([{"id": "a", "index": 0}, {"index": 0}, {"id": "b", "index": 1}, {"index": 0}], ["a", "a", "b", "a"]),
        ([{"id": "a", "index": 0}, {"index": 0}, {"id": "b", "index": 0}, {"index": 0}], ["a", "a", "b", "b"]),
        ([{"id": "a"}, {}, {"id": "b"}, {}], ["a", "a", "b", "b"]),
        ([{"name": "x", "index": 0}, {"index": 0}, {"name": "y", "index": 1}], ["m/0", "m/0", "m/1"]),
        ([{"name": "x"}, {}, {"name": "y"}, {}], ["m/0", "m/0", "m/1", "m/1"]),
        ([{"id": "a", "index": 0}, {"index": 0, "name": "again"}], ["a", "a"]),
        ([{}, {"index": 3}], [None, None]),
    ],
    ids=["ids and indexes", "index 0 for all", "no index", "no ids", "names alone", "name repeated", "nothing"],
)
def test_each_fragment_belongs_to_its_call(fragments: list[Mapping[str, Any]], calls: list[str | None]) -> None:
    message = CallFragments("m")
    assert [message.call_of(fragment) for fragment in fragments] == calls


@pytest.mark.parametrize(
    ("arguments", "text"), [(None, ""), ({}, ""), ('{"a', '{"a'), ({"town": "Köln"}, '{"town": "Köln"}')]
)
def test_arguments_are_text(arguments: object, text: str) -> None:
    assert argument_text(arguments) == text
