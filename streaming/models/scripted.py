"""A chat model without a model: fixed texts at a chosen pace. Wherever it appears it is called *Scripted, no AI*."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from streaming.models.scripts import pieces, script_for
from streaming.models.spec import Pace


class ScriptedChatModel(BaseChatModel):
    """Says the script that fits the conversation, token by token, on an absolute schedule that does not drift."""

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
        for due, chunk in self._schedule(messages, kwargs.get("max_tokens")):
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
        for due, chunk in self._schedule(messages, kwargs.get("max_tokens")):
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

    def _schedule(
        self, messages: list[BaseMessage], max_tokens: int | None
    ) -> Iterator[tuple[float, ChatGenerationChunk]]:
        """Chunks with the second at which each is due; the last two carry the finish reason and the usage."""
        said = pieces(script_for(messages, tokens=self.pace.tokens))
        most = max_tokens or self.max_tokens
        tokens = said[:most] if most else said
        gap = self.pace.chunk_tokens / self.pace.tokens_per_s
        spread = random.Random(len("".join(said)))
        due = self.pace.ttft_ms / 1000
        for place in range(0, len(tokens), self.pace.chunk_tokens):
            late = gap * self.pace.jitter * spread.uniform(-0.5, 0.5) if place else 0.0
            yield due + late, _chunk("".join(tokens[place : place + self.pace.chunk_tokens]))
            due += gap
        due -= gap
        reason = "length" if len(tokens) < len(said) else "stop"
        yield due, _chunk("", response_metadata={"finish_reason": reason, "model_name": "scripted"})
        prompt = sum(len(pieces(str(message.text))) for message in messages)
        yield due, _chunk("", usage_metadata=_usage(prompt, len(tokens)))


def _chunk(text: str, **fields: Any) -> ChatGenerationChunk:
    return ChatGenerationChunk(message=AIMessageChunk(content=text, **fields))


def _usage(prompt: int, answer: int) -> UsageMetadata:
    return UsageMetadata(input_tokens=prompt, output_tokens=answer, total_tokens=prompt + answer)


def _whole(chunks: list[ChatGenerationChunk]) -> ChatResult:
    message = AIMessage(
        content="".join(chunk.text for chunk in chunks),
        response_metadata=chunks[-2].message.response_metadata,
        usage_metadata=chunks[-1].message.usage_metadata,  # type: ignore[attr-defined]
    )
    return ChatResult(generations=[ChatGeneration(message=message)])
