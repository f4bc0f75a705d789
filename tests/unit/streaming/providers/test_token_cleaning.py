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


def custom(data: Any, ns: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "custom", "ns": ns, "data": data}


def delta(data: Any, call: str = "1") -> dict[str, Any]:
    return {"type": "tools", "ns": (), "data": {"event": "tool-output-delta", "tool_call_id": call, "delta": data}}


def test_a_key_in_pieces_of_what_a_node_writes_is_replaced() -> None:
    for wrap in (str, lambda text: {"progress": {"status": text}, "done": 1}, lambda text: [text]):
        texts = [wrap(piece) for piece in ("Use planted-", "secret-of", "-theirs", " now")]
        shown = passed_by(TokenCleaner([KEY]), map(custom, texts))
        assert "".join(_texts(one["data"]) for one in shown) == "Use [key] now"
        assert len(shown) == 4, "each value stays one"


def _texts(value: Any) -> str:
    if isinstance(value, str):
        return value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return "".join(map(_texts, inner))


def test_a_key_in_pieces_of_what_a_tool_sends_is_replaced_and_two_tools_are_not_mixed() -> None:
    parts = [delta("planted-"), delta("planted-", "2"), delta("secret-of-theirs"), delta(" tree", "2")]
    shown = passed_by(TokenCleaner([KEY]), parts)
    by_call = {call: "".join(p["data"]["delta"] for p in shown if p["data"]["tool_call_id"] == call) for call in "12"}
    assert by_call == {"1": "[key]", "2": "planted- tree"}
    started = {"type": "tools", "ns": (), "data": {"event": "tool-started", "tool_call_id": "1", "input": "planted-"}}
    assert TokenCleaner([KEY]).feed(started) == (started,)


def test_an_end_that_only_begins_like_a_key_comes_at_its_place_in_a_value_of_its_own() -> None:
    shown = passed_by(TokenCleaner([KEY]), [custom({"status": "It was planted", "done": 2}, ("a:1",))])
    assert shown == [custom({"status": "It was ", "done": 2}, ("a:1",)), custom({"status": "planted"}, ("a:1",))]


def test_large_values_and_many_places_cost_no_time_and_keep_their_texts() -> None:
    cleaner = TokenCleaner([KEY])
    large = {"rows": ["It was planted"] * 1_000}, "It was planted" * 1_000
    assert passed_by(cleaner, map(custom, large)) == [custom(one) for one in large]
    many = [custom({f"field {number}": "planted"}) for number in range(1_000)]
    shown = passed_by(cleaner, many)
    assert "".join(_texts(one["data"]) for one in shown).count("planted") == 1_000


def test_the_places_of_a_long_run_make_room_for_those_of_the_moment() -> None:
    cleaner = TokenCleaner([KEY])
    for number in range(1_000):
        cleaner.feed(custom("done", (f"task:{number}",)))
    pieces = passed_by(cleaner, [custom("planted-", ("task:x",)), custom("secret-of-theirs", ("task:x",))])
    assert "".join(_texts(one["data"]) for one in pieces) == "[key]"
    assert not cleaner._written, "nothing is kept of what is not held back"
