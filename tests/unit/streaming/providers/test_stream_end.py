"""`[DONE]` is found wherever the chunks of a stream cut it, and only as a line of its own."""

from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace

import pytest

from streaming.providers.stream_end import StreamEnd, observe_response, watch_stream_end

STREAM = b'data: {"a": 1}\r\n\r\ndata: [DONE]\r\n\r\n'


async def read(chunks: Sequence[bytes], *, content_type: str = "text/event-stream") -> bytes:
    """What a client reads of a response in these chunks."""

    async def sent(_: int | None = None) -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    response = SimpleNamespace(headers={"content-type": content_type}, aiter_bytes=sent)
    await observe_response(response)
    return b"".join([chunk async for chunk in response.aiter_bytes()])


async def watched(*chunks: bytes, content_type: str = "text/event-stream") -> StreamEnd:
    end = watch_stream_end()
    assert await read(chunks, content_type=content_type) == b"".join(chunks), "the bytes stay as they are"
    return end


async def test_the_end_is_found_wherever_the_chunks_cut_it() -> None:
    for cut in range(len(STREAM) + 1):
        assert (await watched(STREAM[:cut], STREAM[cut:])).seen
    assert (await watched(*(bytes([byte]) for byte in STREAM))).seen


@pytest.mark.parametrize("stream", [b"data: [DONE]", b"data:[DONE]\n", b"\ndata: [DONE]"])
async def test_the_end_is_found_with_and_without_a_space_or_a_line_before(stream: bytes) -> None:
    assert (await watched(stream)).seen


@pytest.mark.parametrize("stream", [b"", b'data: {"text": "data: [DONE]"}\n', b"data: [DONE", b": data: [DONE]\n"])
async def test_the_words_in_a_text_or_a_part_of_them_are_no_end(stream: bytes) -> None:
    assert not (await watched(stream)).seen


async def test_only_the_next_stream_is_watched() -> None:
    assert not (await watched(STREAM, content_type="application/json")).seen
    end = watch_stream_end()
    await read([b"data: {}\n"])
    await read([STREAM])
    assert not end.seen
