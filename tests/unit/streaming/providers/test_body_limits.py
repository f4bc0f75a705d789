"""Event streams are read as the specification says, in pieces of any size, and in linear time."""

import random

import orjson
import pytest

from streaming.core.errors import BrokenStream, LabError
from streaming.providers.body_limits import (
    CLEANED_BYTES,
    MAX_LISTED_PARTS,
    MAX_PARTS,
    MAX_TEXT_BYTES,
    MAX_VALUES,
    TURN,
    Body,
    Decompressor,
    EventStream,
    KeyCleaner,
)
from streaming.providers.key_forms import PieceCleaner, forms_of
from tests.support.provider_runs import KEY

STREAM = (
    b'\xef\xbb\xbf: hello\n\nretry: 10\ndata: {"choices": 1}\n\nevent: ping\n\nid: 3\ndata: {"choices":\n'
    b'data:  2}\n\n\n\n:\n:\ndata\n\ndata: [DONE]\n\ndata: {"cho'
)
READ = b'data: {"choices": 1}\n\ndata: {"choices":  2}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("seed", range(20))
def test_the_pieces_of_a_stream_do_not_matter(line_end: bytes, seed: int) -> None:
    pieces, stream, events = random.Random(seed), STREAM.replace(b"\n", line_end), EventStream(KeyCleaner.of([]))
    found, start = [], 0
    while start < len(stream):
        size = pieces.randint(1, 1 + seed)
        found += events.feed(stream[start : start + size])
        start += size
    assert b"".join([*found, *events.finish()]) == READ


@pytest.mark.parametrize("form", forms_of([KEY]))
def test_every_form_of_a_key_is_taken_out(form: str) -> None:
    body = Body(status=500, content_type="application/json", encoding="", streams=True, keys=[KEY])
    said = b"".join([*body.feed(f'{{"error": "{form}"}}'.encode()), *body.finish()])
    assert form.encode() not in said
    assert b"[key]" in said


def test_a_key_in_escapes_is_taken_out() -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    assert KeyCleaner.of([KEY]).clean(f'{{"x": "{escaped}"}}'.encode()) == b'{"x":"[key]"}'


@pytest.mark.parametrize("seed", range(50))
def test_a_key_in_pieces_of_any_size_is_taken_out(seed: int) -> None:
    sizes, cleaner = random.Random(seed), PieceCleaner([KEY])
    text, passed, start = f"It is {KEY}{KEY}, and sk-plant and {KEY[:-1]}.", "", 0
    while start < len(text):
        size = sizes.randint(1, 9)
        passed += cleaner.feed(text[start : start + size])
        start += size
    passed += cleaner.finish()
    assert KEY not in passed
    assert passed.count("[key]") == 2
    assert passed.endswith(f"and {KEY[:-1]}.")


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "x-strange"])
def test_an_encoding_that_was_not_asked_for_is_named(encoding: str) -> None:
    with pytest.raises(LabError, match="encoding"):
        Decompressor(encoding)


TOO_MUCH = {
    "objects": b'{"choices": [' + b",".join([b"{}"] * (MAX_PARTS + 1)) + b"]}",
    "lists that are no JSON": b"[" + b"[]," * MAX_PARTS + b"1]}",
    "fields": b'{"choices": [' + b",".join([b'{"a": 1}'] * 2) + b'], "b": [' + b"1," * MAX_VALUES + b"1]}",
    "texts": b'{"a": "{", ' * 400 + b'{"b": "[",' * 400 + b'""' * 70_000,
}


@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("name", TOO_MUCH)
def test_an_event_of_very_many_values_is_refused_before_anything_parses_it(
    name: str, streams: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = TOO_MUCH[name]
    monkeypatch.setattr(orjson, "loads", lambda _: pytest.fail("It was parsed."))
    body = Body(status=200, content_type="application/json", encoding="", streams=streams, keys=[KEY], is_chat=True)
    with pytest.raises(BrokenStream, match="more than 500 objects"):
        list(body.feed(b"data: " + data + b"\n\n" if streams else data)) + list(body.finish())


def test_a_list_of_models_may_have_more_but_not_all() -> None:
    def read(models: int) -> bytes:
        body = Body(status=200, content_type="application/json", encoding="", streams=False, keys=[KEY])
        data = b'{"data": [' + b",".join([b'{"id": "a"}'] * models) + b"]}"
        return b"".join([*body.feed(data), *body.finish()])

    assert read(MAX_LISTED_PARTS - 2).count(b"id") == MAX_LISTED_PARTS - 2
    with pytest.raises(BrokenStream, match="more than 20,000 objects"):
        read(MAX_LISTED_PARTS)


def test_braces_in_a_text_are_no_objects() -> None:
    data = b'{"choices": [{"delta": {"content": "' + b"{[" * 5000 + b'"}}]}'
    body = Body(status=200, content_type="text/event-stream", encoding="", streams=True, keys=[], is_chat=True)
    assert data in b"".join(body.feed(b"data: " + data + b"\n\n"))


def _body(*, is_chat: bool = True, streams: bool = True) -> Body:
    return Body(
        status=200,
        content_type="text/event-stream" if streams else "application/json",
        encoding="",
        streams=streams,
        keys=[KEY],
        is_chat=is_chat,
    )


@pytest.mark.parametrize("text", [b"The tide is out. ", b"-", b"\\n", "🌊".encode()])
@pytest.mark.parametrize("streams", [True, False])
def test_more_text_than_a_model_writes_in_one_piece_is_refused(text: bytes, streams: bool) -> None:
    answer = b'{"choices": "' + text * (MAX_TEXT_BYTES // len(text)) + b'"}'
    body = _body(streams=streams)
    with pytest.raises(BrokenStream, match=r"a piece of text of more than 0\.5 MB"):
        list(body.feed(b"data: " + answer + b"\n\n" if streams else answer)) + list(body.finish())


@pytest.mark.parametrize("streams", [True, False])
def test_a_picture_is_larger_than_any_text_and_stays_whole(streams: bool) -> None:
    picture = b"iVBORw0KGgo/" * 200_000
    answer = b'{"choices": [{"text": "\\u0041", "url": "data:image/png;base64,' + picture + b'"}]}'
    body = _body(streams=streams)
    read = b"".join([*body.feed(b"data: " + answer + b"\n\n" if streams else answer), *body.finish()])
    assert picture in read


def test_a_list_of_models_may_have_more_text() -> None:
    body = _body(is_chat=False, streams=False)
    listed = b'{"data": "' + b"a model " * (MAX_TEXT_BYTES // 8) + b'"}'
    assert b"".join([*body.feed(listed), *body.finish()]) == listed


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
def test_other_tasks_can_have_turns_between_the_pieces_of_a_large_event(content_type: str) -> None:
    body = Body(status=200, content_type=content_type, encoding="", streams=True, keys=[KEY], is_chat=True)
    picture = "a" * 2_000_000
    begin = "data: " if content_type == "text/event-stream" else ""
    said = [*body.feed(f'{begin}{{"a": "{picture}{KEY}"}}\n\n'.encode()), *body.finish()]
    assert b"".join(said).strip() == f'{begin}{{"a": "{picture}[key]"}}'.encode()
    assert said.count(TURN) >= len(picture) // CLEANED_BYTES
