"""Keys of a request are taken out of each part of an answer, also where a key comes in pieces."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk

from streaming.providers import key_forms
from streaming.providers.chunk_cleaning import PIECE_CHARS, without_keys
from tests.support.turns_of_others import with_turns_of_others

KEY = "sk-a-secret-of-some-length"


def chunk(content: Any = "", **fields: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=content, **fields))


async def cleaned(chunks: Sequence[ChatGenerationChunk], keys: Sequence[str] = (KEY,)) -> AIMessageChunk:
    """The whole message without the keys."""

    async def sent() -> AsyncIterator[ChatGenerationChunk]:
        for piece in chunks:
            yield piece

    whole, *rest = [piece.message async for piece in without_keys(sent(), keys)]
    for piece in rest:
        whole += piece  # type: ignore[assignment]
    assert isinstance(whole, AIMessageChunk)
    return whole


async def test_a_key_in_two_pieces_of_text_is_taken_out() -> None:
    for cut in range(1, len(KEY)):
        text = (await cleaned([chunk(f"It is {KEY[:cut]}"), chunk(f"{KEY[cut:]}, keep it.")])).text
        assert KEY not in text
        assert text.startswith("It is ")
        assert text.endswith(", keep it.")


async def test_a_beginning_of_a_key_at_the_end_of_the_answer_is_kept() -> None:
    assert (await cleaned([chunk("a"), chunk(f" {KEY[:4]}")])).text == f"a {KEY[:4]}"


ENDS = {
    "text": chunk(f"An {KEY[:5]}"),
    "reasoning": chunk("", additional_kwargs={"reasoning_content": f"An {KEY[:5]}"}),
    "a text block": chunk([{"type": "text", "text": f"An {KEY[:5]}", "index": 0}]),
    "a thinking block": chunk([{"type": "thinking", "thinking": f"An {KEY[:5]}", "index": 0}]),
    "arguments": chunk("", tool_call_chunks=[{"name": "f", "args": f'{{"a": {KEY[:5]}', "id": "1", "index": 0}]),
    "the name of a tool": chunk("", tool_call_chunks=[{"name": f"an_{KEY[:5]}", "args": "{}", "id": "1", "index": 0}]),
}


@pytest.mark.parametrize("finish", [{}, {"finish_reason": "stop"}], ids=["without a word", "with its reason"])
@pytest.mark.parametrize("part", ENDS)
async def test_a_beginning_of_a_key_at_the_end_of_any_part_is_kept(part: str, finish: dict[str, str]) -> None:
    """It was lost, in all parts but the text."""
    last = ChatGenerationChunk(message=AIMessageChunk(content=""), generation_info=finish)
    whole = await cleaned([ENDS[part], last])
    grown = [whole.content, whole.additional_kwargs, [(call["name"], call["args"]) for call in whole.tool_call_chunks]]
    told = ENDS[part].message
    assert isinstance(told, AIMessageChunk)
    calls = [(call["name"], call["args"]) for call in told.tool_call_chunks]
    texts = "".join(
        block.get("text", "") + block.get("thinking", "") for block in whole.content if isinstance(block, dict)
    )
    if isinstance(told.content, list):
        assert texts == f"An {KEY[:5]}"
    else:
        assert grown == [told.content, told.additional_kwargs, calls]


@pytest.mark.parametrize(
    "piece",
    [
        chunk("", additional_kwargs={"reasoning_content": f"It is {KEY}."}),
        chunk([{"type": "text", "text": f"It is {KEY}.", "index": 0}]),
        chunk([{"type": "thinking", "thinking": f"It is {KEY}.", "index": 0}]),
        chunk("", tool_call_chunks=[{"name": "f", "args": f'{{"a": "{KEY}"}}', "id": "1", "index": 0}]),
    ],
    ids=["reasoning beside", "a text block", "a thinking block", "a tool call"],
)
async def test_a_key_is_taken_out_of_each_part_of_a_message(piece: ChatGenerationChunk) -> None:
    assert KEY not in repr(await cleaned([piece, chunk(" ")]))


async def test_a_failed_stream_gives_what_was_held_back_before_the_error() -> None:
    async def broken() -> AsyncIterator[ChatGenerationChunk]:
        yield chunk(KEY[:5])
        raise ConnectionError("lost")

    chunks = without_keys(broken(), [KEY])
    assert (await anext(chunks)).text == ""
    assert (await anext(chunks)).text == KEY[:5]
    with pytest.raises(ConnectionError, match="lost"):
        await anext(chunks)


async def test_without_keys_the_chunks_stay_the_same_objects() -> None:
    piece = chunk("text", additional_kwargs={"n": 1})

    async def sent() -> AsyncIterator[ChatGenerationChunk]:
        yield piece

    assert [one async for one in without_keys(sent(), [])] == [piece]


def _halves(form: str) -> dict[str, list[ChatGenerationChunk]]:
    """The form in two pieces, in each part of an answer that grows."""
    first, last = form[: len(form) // 2], form[len(form) // 2 :]

    def call(**piece: str) -> ChatGenerationChunk:
        return chunk("", tool_call_chunks=[{"name": None, "args": None, "id": None, "index": 0, **piece}])

    return {
        "text": [chunk(first), chunk(last)],
        "reasoning": [chunk("", additional_kwargs={"reasoning_content": piece}) for piece in (first, last)],
        "blocks": [chunk([{"type": "text", "text": piece, "index": 0}]) for piece in (first, last)],
        "arguments": [call(args=first), call(args=last)],
        "tool name": [call(name=first), call(name=last)],
        "with reasoning between": [chunk(first), chunk("", additional_kwargs={"reasoning_content": "hm"}), chunk(last)],
    }


ODD_KEY = 'sk/odd+key_with"quotes'
FORMS = {
    "as it is": ODD_KEY,
    "as JSON": json.dumps(ODD_KEY)[1:-1],
    "as JSON in JSON": json.dumps(json.dumps(ODD_KEY)[1:-1])[1:-1],
    "as escapes": "".join(f"\\u{ord(char):04x}" for char in ODD_KEY),
    "percent-encoded": quote(ODD_KEY, safe=""),
    "percent-encoded twice": quote(quote(ODD_KEY, safe=""), safe=""),
    "hexadecimal": ODD_KEY.encode().hex(),
    "backwards": ODD_KEY[::-1],
    **{f"base64 after {n} bytes": b64encode(b"x" * n + ODD_KEY.encode() + b"yy").decode() for n in range(3)},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("part", _halves("ab"))
async def test_a_key_in_any_form_and_in_two_pieces_is_taken_out_of_every_part_that_grows(form: str, part: str) -> None:
    whole = await cleaned(_halves(FORMS[form])[part], [ODD_KEY])
    calls = "".join(f"{call.get('name') or ''}{call.get('args') or ''}" for call in whole.tool_call_chunks)
    reasoning = str(whole.additional_kwargs.get("reasoning_content", ""))
    assert FORMS[form] not in (found := whole.text + calls + reasoning)
    assert "[key]" in found


async def test_other_tasks_have_turns_while_a_picture_is_cleaned() -> None:
    picture = ("a" * 999 + KEY) * 1_000
    whole, turns = await with_turns_of_others(cleaned([chunk(picture)]))
    assert whole.text == picture.replace(KEY, "[key]")
    assert turns >= len(picture) // PIECE_CHARS


async def test_the_forms_of_a_key_are_written_once_for_all_texts_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    written, forms_of = [], key_forms.forms_in_pieces
    monkeypatch.setattr(key_forms, "forms_in_pieces", lambda keys: written.append(keys) or forms_of(keys))
    calls = [{"name": f"f{at}", "args": KEY, "id": str(at), "index": at} for at in range(100)]
    whole = await cleaned([chunk("", tool_call_chunks=calls)])
    assert [call["args"] for call in whole.tool_call_chunks] == ["[key]"] * 100
    assert len(written) == 1


@pytest.mark.parametrize(
    "parts",
    [
        [{"type": "refusal", "refusal": KEY[:14]}, {"type": "refusal", "refusal": KEY[14:]}],
        [{"type": "reasoning", "summary": [{"type": "summary_text", "text": half}]} for half in (KEY[:14], KEY[14:])],
        [{"type": "reasoning", "content": half} for half in (KEY[:14], KEY[14:])],
    ],
    ids=["refusal", "summary", "content"],
)
async def test_a_key_in_two_blocks_of_any_kind_is_taken_out(parts: list[dict[str, Any]]) -> None:
    whole = await cleaned([chunk([part]) for part in parts])
    assert KEY[:14] not in repr(whole.content)
    assert KEY[14:] not in repr(whole.content)


async def test_a_key_that_a_finish_reason_cuts_is_taken_out() -> None:
    """The end that was held back was given with the reason, and what followed it was the rest of the key."""
    finish = ChatGenerationChunk(message=AIMessageChunk(content=""), generation_info={"finish_reason": "stop"})
    text = (await cleaned([chunk(f"A {KEY[:14]}"), finish, chunk(f"{KEY[14:]} B")])).text
    assert (KEY[:14] in text, KEY[14:] in text) == (False, False)
