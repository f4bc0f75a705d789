"""A stream gives each chunk as plain values, through the clients of both packages; the answer is the same."""

import json
from copy import copy
from typing import Any

import pytest

from streaming.core.model_spec import ModelSpec
from streaming.providers.factory import open_model
from tests.support.provider_runs import KEY
from tests.support.provider_servers import answering, chunk

_CHUNKS = [chunk({"role": "assistant", "content": "It "}), chunk({"content": "is."}), chunk({}, "stop")]
_STREAM = "".join(f"data: {json.dumps(sent)}\n\n" for sent in _CHUNKS) + "data: [DONE]\n\n"


@pytest.mark.parametrize("provider", ["openai", "compatible", "groq"])
async def test_no_object_is_built_from_a_chunk(provider: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(200, _STREAM, content_type="text/event-stream") as base_url:
        monkeypatch.setenv("OPENAI_API_BASE", base_url)
        monkeypatch.setenv("GROQ_API_BASE", base_url)
        spec = ModelSpec(provider=provider, base_url=base_url, model="m")
        model: Any = await open_model(spec, api_key=KEY)
        stream = await model.async_client.create(model="m", messages=[], stream=True)
        assert [sent async for sent in stream] == _CHUNKS
        assert "".join([piece.text async for piece in model.astream("Hello")]) == "It is."


async def test_the_rest_of_the_client_stays_within_reach_also_of_a_copy() -> None:
    model: Any = await open_model(ModelSpec(provider="openai"), api_key=KEY)
    assert copy(model.async_client).with_raw_response is model.async_client.with_raw_response


@pytest.mark.parametrize("count", ["12", -1, 1.5, True, 10**30, [1], {}])
@pytest.mark.parametrize("usage", ["all", "in a field", "of another kind"])
@pytest.mark.parametrize("streams", [True, False])
async def test_a_count_of_groq_that_is_none_does_not_lose_the_answer(
    count: Any, usage: str, streams: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens")
    sent: Any = {name: count if usage == "all" else 3 for name in names}
    sent |= {"prompt_tokens_details": {"cached_tokens": count}} if usage == "in a field" else {}
    if streams:
        own = count if usage == "of another kind" else {"id": "r", "usage": sent}
        answer = f"data: {json.dumps({**_CHUNKS[0], 'x_groq': own})}\n\n{_STREAM}"
    else:
        answer = json.dumps(
            {
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "It is."}}],
                "usage": count if usage == "of another kind" else sent,
            }
        )
    with answering(200, answer, content_type="text/event-stream" if streams else "application/json") as base_url:
        monkeypatch.setenv("GROQ_API_BASE", base_url)
        model = await open_model(ModelSpec(provider="groq", model="m"), api_key=KEY)
        if streams:
            assert "".join([piece.text async for piece in model.astream("Hello")]) == "It It is."
        else:
            model.disable_streaming = True
            assert (await model.ainvoke("Hello")).text == "It is."
