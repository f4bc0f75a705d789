"""A chat model without AI: fixed texts at a chosen pace. On screen it is always called *Scripted, no AI*."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple
from uuid import uuid4

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import OutputTokenDetails, UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from streaming.core.model_spec import Pace
from streaming.core.partial_answer import split_partial_answer
from streaming.providers.continuation import ContinuesPartialAnswer
from streaming.providers.gives_way import GivesWay
from streaming.providers.scripted.texts import answer_for, tempo_for, thought_for, token_pieces
from streaming.providers.scripted.tool_calls import ScriptedCall, tool_calls_for, tool_summary

Chunk = ChatGenerationChunk
Piece = dict[str, Any]
"""What one chunk holds, as fields of its message."""


class _ScriptedAnswers(BaseChatModel):
    """Streams the text that fits the conversation, token by token, on an absolute schedule that does not drift."""

    pace: Pace = Field(default_factory=Pace)
    max_tokens: int | None = None
    clock: Callable[[], float] = time.monotonic

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(ls_provider="scripted", ls_model_name="scripted", ls_model_type="chat")

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        start = self.clock()
        for due, chunk in self._schedule(messages, kwargs):
            await asyncio.sleep(max(0.0, start + due - self.clock()))
            if run_manager and chunk.text:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        start = self.clock()
        for due, chunk in self._schedule(messages, kwargs):
            time.sleep(max(0.0, start + due - self.clock()))
            if run_manager and chunk.text:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return _whole([chunk async for chunk in self._astream(messages, stop, None, **kwargs)])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return _whole(list(self._stream(messages, stop, None, **kwargs)))

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[LanguageModelInput, AIMessage]:
        """Offer tools to the model; it calls them by fixed rules."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _schedule(self, messages: list[BaseMessage], settings: Mapping[str, Any]) -> Iterator[tuple[float, Chunk]]:
        """Chunks with the second at which each is due; the last two have the finish reason and the usage."""
        tools = [tool["function"]["name"] for tool in settings.get("tools", ())]
        calls = tool_calls_for(messages, tools)
        answer = _call_pieces(calls) if calls else self._text_pieces(messages, settings.get("max_tokens"))
        thought = self._thought_pieces(messages)
        wait, speed = tempo_for(messages)
        gap = self.pace.chunk_tokens / (self.pace.tokens_per_s * speed)
        rng = random.Random(len(answer.pieces))
        due = self.pace.ttft_ms * wait / 1000
        # Each chunk is made when it is due: all of a long answer at once would stop the other runs for a moment.
        for index, piece in enumerate([*thought, *answer.pieces]):
            offset = gap * self.pace.jitter * rng.uniform(-0.5, 0.5) if index else 0.0
            yield due + offset, _chunk(**piece)
            due += gap
        due -= gap
        yield due, _chunk("", response_metadata={"finish_reason": answer.finish_reason, "model_name": "scripted"})
        prompt = sum(len(token_pieces(str(message.text))) for message in messages)
        yield due, _chunk("", usage_metadata=_usage(prompt, answer.tokens, thought=self.pace.thinking_tokens))

    def _thought_pieces(self, messages: list[BaseMessage]) -> list[Piece]:
        """The reasoning before an answer, where compatible servers send it; none where an answer is continued."""
        conversation, prefix = split_partial_answer(messages)
        if prefix or not self.pace.thinking_tokens:
            return []
        tokens = token_pieces(thought_for(conversation, tokens=self.pace.thinking_tokens))
        step = self.pace.chunk_tokens
        pieces = ("".join(tokens[start : start + step]) for start in range(0, len(tokens), step))
        return [{"additional_kwargs": {"reasoning_content": piece}} for piece in pieces]

    def _text_pieces(self, messages: list[BaseMessage], max_tokens: int | None) -> "_Answer":
        conversation, prefix = split_partial_answer(messages)
        text = tool_summary(conversation) or answer_for(conversation, tokens=self.pace.tokens)
        all_tokens = token_pieces(text.removeprefix(prefix))
        tokens = all_tokens[: max_tokens or self.max_tokens]
        step = self.pace.chunk_tokens
        pieces: list[Piece] = [{"text": "".join(tokens[start : start + step])} for start in range(0, len(tokens), step)]
        return _Answer(pieces, len(tokens), "length" if len(tokens) < len(all_tokens) else "stop")


class ScriptedChatModel(GivesWay, ContinuesPartialAnswer, _ScriptedAnswers):
    """The scripted model; it can continue a partial answer."""


class _Answer(NamedTuple):
    """What the chunks of one answer hold, their number of tokens, and the finish reason."""

    pieces: list[Piece]
    tokens: int
    finish_reason: str


def _call_pieces(calls: Sequence[ScriptedCall]) -> _Answer:
    """Tool calls as a provider streams them: name and id first, then the arguments piece by piece."""
    pieces: list[Piece] = []
    for index, call in enumerate(calls):
        first = {"name": call.tool, "args": "", "id": f"call_{uuid4().hex[:12]}", "index": index}
        rest = [{"name": None, "args": piece, "id": None, "index": index} for piece in token_pieces(call.arguments)]
        pieces += [{"tool_call_chunks": [piece]} for piece in [first, *rest]]
    return _Answer(pieces, len(pieces), "tool_calls")


def _chunk(text: str = "", **fields: Any) -> Chunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, **fields))


def _usage(prompt: int, answer: int, *, thought: int) -> UsageMetadata:
    """Usage as providers count it: the output includes the reasoning."""
    usage = UsageMetadata(input_tokens=prompt, output_tokens=answer + thought, total_tokens=prompt + answer + thought)
    if thought:
        usage["output_token_details"] = OutputTokenDetails(reasoning=thought)
    return usage


def _whole(chunks: list[Chunk]) -> ChatResult:
    added = reduce(add, (chunk.message for chunk in chunks))
    message = AIMessage(
        content="".join(chunk.text for chunk in chunks),
        tool_calls=getattr(added, "tool_calls", []),
        additional_kwargs=added.additional_kwargs,
        response_metadata=chunks[-2].message.response_metadata,
        usage_metadata=chunks[-1].message.usage_metadata,  # type: ignore[attr-defined]
    )
    return ChatResult(generations=[ChatGeneration(message=message)])
