"""Answers that come whole, or from another model: how each becomes chunks of the stream that was asked for."""

import json
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult


def without_stream(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a call without those that ask for a stream."""
    return {name: value for name, value in kwargs.items() if name not in ("stream", "stream_usage")}


def signature(model: BaseChatModel) -> dict[str, str]:
    """Provider and model by LangSmith's names, which LangGraph's metadata uses too."""
    params = model._get_ls_params()
    return {name: str(params[name]) for name in ("ls_provider", "ls_model_name") if params.get(name)}


async def signed(
    model: BaseChatModel, chunks: AsyncIterator[ChatGenerationChunk]
) -> AsyncIterator[ChatGenerationChunk]:
    """The chunks of this model, the first one with its name: the metadata of the run names the model that failed.

    Only one chunk has it, because adding chunks concatenates their strings.
    """
    name = signature(model)
    async for chunk in chunks:
        chunk.message.response_metadata |= name
        name = {}
        yield chunk


def as_chunk(result: ChatResult) -> ChatGenerationChunk:
    """A whole answer as one chunk of a stream."""
    generation = result.generations[0]
    message = generation.message
    fields = {name: getattr(message, name) for name in ("content", "additional_kwargs", "response_metadata", "id")}
    calls = [
        {**call, "args": json.dumps(call["args"]), "index": index}
        for index, call in enumerate(getattr(message, "tool_calls", ()))
    ]
    whole = AIMessageChunk(
        **fields,
        tool_call_chunks=calls,  # type: ignore[arg-type]
        usage_metadata=getattr(message, "usage_metadata", None),
    )
    return ChatGenerationChunk(message=whole, generation_info=generation.generation_info)
