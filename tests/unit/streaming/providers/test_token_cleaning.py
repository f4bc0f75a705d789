"""Keys in the tokens of a graph."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from streaming.core.message_content import reasoning_in, text_in
from streaming.providers.token_cleaning import TokenCleaner

KEY = "planted-secret-of-theirs"


def part(text: str, *, id: str = "m", last: bool = False) -> dict[str, Any]:
    chunk = AIMessageChunk(content=text, id=id, chunk_position="last" if last else None)
    return {"type": "messages", "ns": (), "data": [chunk, {}]}


def passed_by(cleaner: TokenCleaner, parts: Iterable[Any]) -> list[Any]:
    """What comes out of the cleaner, with what it held back."""
    return [*chain.from_iterable(map(cleaner.feed, parts)), *cleaner.finish()]


def cleaned(*parts: dict[str, Any]) -> str:
    return "".join(str(one["data"][0].content) for one in passed_by(TokenCleaner([KEY]), parts))


def test_a_key_in_pieces_is_replaced() -> None:
    assert cleaned(part("Use planted-"), part("secret-of"), part("-theirs now")) == "Use [key] now"
    assert KEY not in cleaned(*(part(letter) for letter in f"It is {KEY}."))


def test_a_text_that_only_begins_like_a_key_comes_whole() -> None:
    assert cleaned(part("It was planted"), part(" here")) == "It was planted here"
    assert cleaned(part("It was planted", last=True)) == "It was planted"
    assert cleaned(part("It was planted")) == "It was planted"


def test_two_answers_at_once_are_not_mixed() -> None:
    pieces = [part("planted-", id="a"), part("planted", id="b"), part("secret-of-theirs", id="a"), part(" it", id="b")]
    shown = passed_by(TokenCleaner([KEY]), pieces)
    texts = {name: "".join(str(p["data"][0].content) for p in shown if p["data"][0].id == name) for name in "ab"}
    assert texts == {"a": "[key]", "b": "planted it"}


def test_what_is_no_text_of_a_model_is_passed_on() -> None:
    update = {"type": "updates", "ns": (), "data": {"node": KEY}}
    assert TokenCleaner([KEY]).feed(update) == (update,)


def message(content: Any, **fields: Any) -> dict[str, Any]:
    return {"type": "messages", "ns": (), "data": [AIMessageChunk(content, id="m", **fields), {}]}


def test_a_message_that_comes_whole_has_no_key() -> None:
    for whole in (AIMessage(f"It is {KEY}"), ToolMessage(f"It is {KEY}", tool_call_id="1")):
        (said,) = TokenCleaner([KEY]).feed({"type": "messages", "ns": (), "data": [whole, {}]})
        assert said["data"][0].text == "It is [key]"
    blocks: Any = [{"type": "thinking", "thinking": f"hide {KEY}"}, {"type": "text", "text": KEY}, KEY]
    thought = AIMessage(blocks, additional_kwargs={"reasoning_content": KEY})
    assert KEY not in str(TokenCleaner([KEY]).feed({"type": "messages", "ns": (), "data": [thought, {}]}))


def test_a_key_in_pieces_of_blocks_reasoning_and_arguments_is_replaced() -> None:
    def block(name: str, piece: str) -> dict[str, Any]:
        return message([{"type": name, name: piece, "index": 0}])

    def beside(piece: str) -> dict[str, Any]:
        return message("", additional_kwargs={"reasoning_content": piece})

    def call(piece: str) -> dict[str, Any]:
        return message("", tool_call_chunks=[{"name": None, "args": piece, "id": None, "index": 0}])

    for make in (lambda piece: block("text", piece), lambda piece: block("thinking", piece), beside, call):
        shown = passed_by(TokenCleaner([KEY]), [make("planted-"), make("secret-of"), make("-theirs now")])
        first, *_ = [text for text in texts_of(shown) if text]
        assert first == "[key] now"


def test_an_end_that_was_held_back_stays_text_reasoning_or_argument() -> None:
    pieces = [
        message([{"type": "text", "text": "is planted", "index": 0}, {"type": "thinking", "thinking": "a planted"}]),
        message("", tool_call_chunks=[{"name": "x", "args": '{"a": "planted', "id": "1", "index": 0}]),
    ]
    shown = passed_by(TokenCleaner([KEY]), pieces)
    whole = shown[0]["data"][0]
    for part in shown[1:]:
        whole = whole + part["data"][0]
    assert (text_in(whole.content), reasoning_in(whole.content, {})) == ("is planted", "a planted")
    assert whole.tool_call_chunks[0]["args"] == '{"a": "planted'


def texts_of(parts: list[Any]) -> Iterator[str]:
    """What the parts say in each of the ways in which a message may."""
    messages = [part["data"][0] for part in parts]
    yield "".join(text_in(one.content) for one in messages)
    yield "".join(reasoning_in(one.content, one.additional_kwargs) for one in messages)
    yield "".join(call["args"] or "" for one in messages for call in one.tool_call_chunks)
