"""Arguments of a tool call without their end are read as LangChain reads them, in a number of steps that is bounded."""

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.utils.json import parse_partial_json as of_langchain

import streaming.providers.factory  # noqa: F401 - it replaces LangChain's way
from streaming.core import partial_json
from streaming.core.partial_json import MAX_DEPTH, MAX_PARTIAL_CHARS, MAX_VALUES, parse_partial_json

LEGAL = '{"city": "Par\\"is\\\\", "days": [1, 2.5, {"x": {}, "y": []}], "ok": true, "e": "\\u00e9\\n", "n": -1e5}'


@pytest.mark.parametrize("text", [LEGAL, json.dumps(json.loads(LEGAL), indent=2), f" {LEGAL} ", "[[1, [2]], 3]"])
def test_every_beginning_is_read_as_langchain_reads_it(text: str) -> None:
    for end in range(1, len(text) + 1):
        begin = text[:end]
        if "\\u" in begin[-5:]:
            continue  # LangChain leaves the whole string out
        assert _read(parse_partial_json, begin) == _read(of_langchain, begin), begin


def test_half_of_an_escape_is_left_out() -> None:
    assert [parse_partial_json('{"a": "b\\u00'[:end]) for end in range(9, 13)] == [{"a": "b"}] * 4


def _read(parse: Any, text: str) -> object:
    try:
        return parse(text)
    except json.JSONDecodeError:
        return "none"


HOSTILE = {
    "spaces": '{"a":' + " " * 40_000,
    "spaces before a name": '{"a": 1,' + "\n" * 40_000,
    "openers in the wrong place": "[" + "1," * 10_000 + "1 [{[{",
    "openers": "[{" * 9_000,
    "quotes": '{"a" ' + '"' * 40_000,
    "backslashes": '{"a": "' + "\\" * 40_001,
    "a key without an end": '{"a": 1, "' + "b" * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_is_parsed_again_and_again(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    loads = json.loads
    monkeypatch.setattr(partial_json.json, "loads", lambda text, **of: parsed.append(text) or loads(text, **of))
    chunk: dict[str, Any] = {"name": "search", "args": HOSTILE[name], "id": "1", "index": 0}
    message = AIMessageChunk(content="", tool_call_chunks=[chunk])
    assert 1 <= len(parsed) <= 4
    assert message.tool_call_chunks[0]["args"] == HOSTILE[name]


def test_long_arguments_in_small_pieces_are_whole() -> None:
    arguments = {"rows": [{"name": f"row {n}", "text": "a, b, c\n"} for n in range(2500)]}
    text = json.dumps(arguments, indent=4)
    assert len(text) > 200_000
    pieces = [text[start : start + 50] for start in range(0, len(text), 50)]
    first, *rest = (
        AIMessageChunk(content="", tool_call_chunks=[{"name": "", "args": piece, "id": "1", "index": 0}])
        for piece in pieces
    )
    assert (first + rest).tool_calls[0]["args"] == arguments


@pytest.mark.parametrize("text", ['{"a": "' + "b" * MAX_PARTIAL_CHARS, "[" + "1," * MAX_VALUES + "1]", "[" * 15_000])
def test_too_much_is_text_and_no_call(text: str) -> None:
    chunk: dict[str, Any] = {"name": "search", "args": text, "id": "1", "index": 0}
    message = AIMessageChunk(content="", tool_call_chunks=[chunk])
    assert not message.tool_calls
    assert message.invalid_tool_calls[0]["args"] == text


@pytest.mark.parametrize("inside", ['{"a":', "["])
def test_arguments_that_nothing_could_save_stay_text(inside: str) -> None:
    """From 247 levels on the run was lost from the history, and from 252 on the state of its graph was blamed."""
    end = {"[": "]"}.get(inside, "}")
    for depth in (MAX_DEPTH - 2, MAX_DEPTH + 1, 248, 260):
        arguments = '{"a":' + inside * depth + "1" + end * depth + "}"
        chunk: Any = {"name": "f", "args": arguments, "id": "1", "index": 0}
        message = AIMessageChunk(content="", tool_call_chunks=[chunk])
        assert bool(message.tool_calls) == (depth < MAX_DEPTH)
        assert bool(message.invalid_tool_calls) == (depth > MAX_DEPTH)


def test_each_number_of_64_bits_is_a_number() -> None:
    """Ids of 19 digits, as many services have them, were texts."""
    numbers = [1732045678901234567, 2**64 - 1, -(2**63)]
    assert parse_partial_json(json.dumps(numbers)) == numbers
    assert parse_partial_json(json.dumps([2**64, -(2**63) - 1])) == [str(2**64), str(-(2**63) - 1)]


def test_a_number_that_no_database_saves_stays_the_text_of_its_digits() -> None:
    assert parse_partial_json('{"a": ' + "9" * 40 + ', "b": -12, "c": 1234567890123456}') == {
        "a": "9" * 40,
        "b": -12,
        "c": 1234567890123456,
    }
