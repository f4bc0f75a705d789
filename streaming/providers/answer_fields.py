"""Fields of a chat completion that LangChain's client for OpenAI leaves out, though compatible servers send them."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI

from streaming.core.message_content import reasoning_in

_BESIDE = ("refusal", "images", "audio", "annotations")


class KeepsAnswerFields(ChatOpenAI):
    """A mixin before `ChatOpenAI`: reasoning, refusal, content beside the text, and the finish reason stay.

    Reasoning comes as `reasoning_content` (DeepSeek, Qwen, older vLLM) or `reasoning` (OpenRouter, newer vLLM,
    LM Studio), and is kept under the first name.
    """

    def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *args: Any) -> ChatGenerationChunk | None:
        choice = next(iter(chunk.get("choices") or chunk.get("chunk", {}).get("choices") or ()), None)
        delta = (choice or {}).get("delta") or {}
        if delta.get("tool_calls"):
            delta["tool_calls"] = [_indexed(call) for call in delta["tool_calls"]]
        generation = super()._convert_chunk_to_generation_chunk(chunk, *args)
        if generation is not None and choice is not None:
            _keep(generation.message, delta)
            if reason := choice.get("finish_reason"):
                # LangChain adds it later, when the chunk is on its way already.
                generation.message.response_metadata["finish_reason"] = str(reason)
        return generation

    def _create_chat_result(self, response: Any, *args: Any, **kwargs: Any) -> ChatResult:
        result = super()._create_chat_result(response, *args, **kwargs)
        whole = response if isinstance(response, dict) else response.model_dump(warnings=False)
        for choice, generation in zip(whole.get("choices") or (), result.generations, strict=False):
            _keep(generation.message, choice.get("message") or {})
        return result


def _indexed(call: Mapping[str, Any]) -> dict[str, Any]:
    """The fragment of a tool call with an index, for the client drops all fragments if one has none."""
    return {"index": None, **call, "function": call.get("function") or {}}


def _keep(message: BaseMessage, sent: Mapping[str, Any]) -> None:
    """Put the fields that the client left out beside the content of the message."""
    beside = {name: sent[name] for name in _BESIDE if sent.get(name)}
    if reasoning := reasoning_in(None, sent):
        beside["reasoning_content"] = reasoning
    message.additional_kwargs.update(beside)
