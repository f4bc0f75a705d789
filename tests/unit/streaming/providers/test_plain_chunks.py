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
