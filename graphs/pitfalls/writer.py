"""A model that sends given pieces at a given pace."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from time import sleep
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel, agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult

Chunks = tuple[tuple[str, float], ...]


class Writer(BaseChatModel):
    """A model that sends these chunks, each after its pause in seconds; with tools it calls the first of them."""

    chunks: Chunks

    @property
    def _llm_type(self) -> str:
        return "pitfalls"

    def bind_tools(self, tools: Sequence[Any], **options: Any) -> Any:
        """The model that answers by a call of these tools."""
        from langchain_core.utils.function_calling import convert_to_openai_tool

        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **options)

    def _generate(self, messages: list[BaseMessage], *args: Any, **options: Any) -> ChatResult:  # noqa: ARG002
        return generate_from_stream(self._stream(messages, **options))

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **options: Any) -> ChatResult:  # noqa: ARG002
        return await agenerate_from_stream(self._astream(messages, **options))

    def _stream(
        self,
        messages: list[BaseMessage],  # noqa: ARG002 - LangChain's signature
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk, pause_s in self._pieces(options):
            sleep(pause_s)
            if run_manager is not None:
                run_manager.on_llm_new_token(str(chunk.text), chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],  # noqa: ARG002 - LangChain's signature
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk, pause_s in self._pieces(options):
            await asyncio.sleep(pause_s)
            if run_manager is not None:
                await run_manager.on_llm_new_token(str(chunk.text), chunk=chunk)
            yield chunk

    def _pieces(self, options: dict[str, Any]) -> Iterator[tuple[ChatGenerationChunk, float]]:
        tools = options.get("tools")
        if not tools:
            for text, pause_s in self.chunks:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text)), pause_s
            return
        name = tools[0]["function"]["name"]
        for args in ('{"title": ', '"Vanilla"}'):
            call = tool_call_chunk(name=name, args=args, id="call-1", index=0)
            yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[call])), 0.02
            name = None
