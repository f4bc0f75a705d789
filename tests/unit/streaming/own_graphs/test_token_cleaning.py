"""Keys in the tokens of a graph."""

from typing import Any

from langchain_core.messages import AIMessageChunk

from streaming.own_graphs.token_cleaning import TokenCleaner

KEY = "planted-secret-of-theirs"


def part(text: str, *, id: str = "m", last: bool = False) -> dict[str, Any]:
    chunk = AIMessageChunk(content=text, id=id, chunk_position="last" if last else None)
    return {"type": "messages", "ns": (), "data": [chunk, {}]}


def cleaned(*parts: dict[str, Any]) -> str:
    cleaner = TokenCleaner([KEY])
    return "".join(str(one["data"][0].content) for one in [*map(cleaner.feed, parts), *cleaner.finish()])


def test_a_key_in_pieces_is_replaced() -> None:
    assert cleaned(part("Use planted-"), part("secret-of"), part("-theirs now")) == "Use [key] now"
    assert KEY not in cleaned(*(part(letter) for letter in f"It is {KEY}."))


def test_a_text_that_only_begins_like_a_key_comes_whole() -> None:
    assert cleaned(part("It was planted"), part(" here")) == "It was planted here"
    assert cleaned(part("It was planted", last=True)) == "It was planted"
    assert cleaned(part("It was planted")) == "It was planted"


def test_two_answers_at_once_are_not_mixed() -> None:
    cleaner = TokenCleaner([KEY])
    pieces = [part("planted-", id="a"), part("planted", id="b"), part("secret-of-theirs", id="a"), part(" it", id="b")]
    shown = [*map(cleaner.feed, pieces), *cleaner.finish()]
    texts = {name: "".join(str(p["data"][0].content) for p in shown if p["data"][0].id == name) for name in "ab"}
    assert texts == {"a": "[key]", "b": "planted it"}


def test_what_is_no_text_of_a_model_is_passed_on() -> None:
    update = {"type": "updates", "ns": (), "data": {"node": KEY}}
    assert TokenCleaner([KEY]).feed(update) is update
