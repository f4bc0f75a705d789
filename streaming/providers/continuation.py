"""Continue a truncated answer: replay the received prefix, request only the rest."""

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables.config import ensure_config
from pydantic import Field

from streaming.core.partial_answer import KEPT, PartialAnswer


class ContinuesPartialAnswer(BaseChatModel):
    """A mixin before a model class: a node's first call starts with the partial answer that the node has received."""

    partial_answers: dict[str, PartialAnswer] = Field(default_factory=dict, exclude=True, repr=False)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        prefix = self._take_partial_answer()
        if prefix is None:
            async for chunk in super()._astream(messages, *args, **kwargs):
                yield chunk
            return
        yield ChatGenerationChunk(message=AIMessageChunk(content=prefix.text, response_metadata={KEPT: True}))
        if prefix.continues:
            async for chunk in super()._astream(prefix.messages(messages), *args, **kwargs):
                # With the provider's id the rest would be a separate message.
                chunk.message.id = None
                yield chunk

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        prefix = self._take_partial_answer()
        if prefix is None:
            return await super()._agenerate(messages, *args, **kwargs)
        if not prefix.continues:
            return ChatResult(generations=[ChatGeneration(message=AIMessage(prefix.text))])
        rest = await super()._agenerate(prefix.messages(messages), *args, **kwargs)
        message = rest.generations[0].message
        message.content = prefix.text + str(message.text)
        return rest

    def _take_partial_answer(self) -> PartialAnswer | None:
        if not self.partial_answers:
            return None
        # LangGraph names the running node in the metadata of the call.
        node = (ensure_config().get("metadata") or {}).get("langgraph_node")
        return self.partial_answers.pop(str(node), None)
