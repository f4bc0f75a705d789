"""Fields of a chat completion that LangChain's client for OpenAI leaves out, though compatible servers send them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI

from streaming.core.message_content import as_content, finish_reason, reasoning_in
from streaming.providers.token_counts import with_sound_usage

_BESIDE = ("refusal", "images", "audio", "videos", "annotations", "citations", "search_results")


class KeepsAnswerFields(ChatOpenAI):
    """A mixin before `ChatOpenAI`: reasoning, refusal, content beside the text, and the finish reason stay.

    Reasoning comes as `reasoning_content` (DeepSeek, Qwen, older vLLM) or `reasoning` (OpenRouter, newer vLLM,
    LM Studio), and is kept under the first name. One answer is asked for; the text of others is kept as content.
    """

    def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *args: Any) -> ChatGenerationChunk | None:
        chunk = with_sound_usage(chunk)
        choices = [choice for choice in chunk.get("choices") or () if isinstance(choice, dict)]
        if not choices:
            return super()._convert_chunk_to_generation_chunk(chunk, *args)
        choice = _answer_of(choices)
        generation = super()._convert_chunk_to_generation_chunk({**chunk, "choices": [choice]}, *args)
        if generation is not None:
            _keep(generation.message, choice["delta"])
            if others := [_as_block(other) for other in choices if other.get("index")]:
                generation.message.additional_kwargs["choices"] = others
            if choice["finish_reason"] is not None:
                # LangChain adds it later, when the chunk is on its way already.
                generation.message.response_metadata["finish_reason"] = choice["finish_reason"]
                _keep(generation.message, _sources_in(chunk))
        return generation

    def _create_chat_result(self, response: Any, *args: Any, **kwargs: Any) -> ChatResult:
        whole = with_sound_usage(response if isinstance(response, dict) else response.model_dump(warnings=False))
        for choice in whole.get("choices") or ():
            message = choice.get("message") or {}
            message["content"] = as_content(message.get("content"))
            message["tool_calls"] = [_indexed(call) for call in _calls_in(message)]
        result = super()._create_chat_result(whole, *args, **kwargs)
        for choice, generation in zip(whole.get("choices") or (), result.generations, strict=False):
            _keep(generation.message, {**_sources_in(whole), **(choice.get("message") or {})})
        return result


def _answer_of(choices: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The choice that belongs to the answer, in the shape that the client reads; empty if the chunk has none.

    Some servers send a message or a text where the protocol has a delta, or nothing at all.
    """
    choice = next((choice for choice in choices if not choice.get("index")), {})
    sent = choice.get("delta") or choice.get("message") or {"content": choice.get("text")}
    delta = {**sent, "content": as_content(sent.get("content"))}
    delta["tool_calls"] = [_indexed(call) for call in _calls_in(delta)]
    return {**choice, "delta": delta, "finish_reason": finish_reason(choice)}


def _calls_in(message: dict[str, Any]) -> list[Mapping[str, Any]]:
    """The tool calls of a delta or a message, also one that is sent alone or by OpenAI's old name for it."""
    calls, old = message.get("tool_calls"), message.pop("function_call", None)
    if isinstance(calls, Mapping):
        calls = [calls]
    if not calls and isinstance(old, Mapping):
        calls = [{"index": 0, "type": "function", "function": old}]
    return [call for call in calls or () if isinstance(call, Mapping)]


def _as_block(choice: Mapping[str, Any]) -> dict[str, Any]:
    """The part of another answer, which nobody asked for."""
    return {"type": "choice", "number": choice["index"], "delta": choice.get("delta") or choice.get("message")}


def _indexed(call: Mapping[str, Any]) -> dict[str, Any]:
    """The fragment of a tool call with an index, for the client drops all fragments if one has none.

    Arguments are a text by the protocol; some servers send the object.
    """
    function = dict(call.get("function") or {})
    if not isinstance(function.get("arguments"), str | None):
        function["arguments"] = json.dumps(function["arguments"], ensure_ascii=False)
    sent_id = call.get("id")
    return {"index": None, **call, "id": None if sent_id is None else str(sent_id), "function": function}


def _sources_in(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Perplexity sends beside the choices, whole with every chunk: the last one is enough."""
    return {name: answer[name] for name in ("citations", "search_results") if answer.get(name)}


def _keep(message: BaseMessage, sent: Mapping[str, Any]) -> None:
    """Put the fields that the client left out beside the content of the message."""
    beside = {name: sent[name] for name in _BESIDE if sent.get(name)}
    if reasoning := reasoning_in(None, sent):
        beside["reasoning_content"] = reasoning
    message.additional_kwargs.update(beside)
