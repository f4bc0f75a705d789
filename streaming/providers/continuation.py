"""Answers that have begun already: what was received is said at once, and only the rest is asked for."""

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables.config import ensure_config
from pydantic import Field

from streaming.core.partial_answer import PartialAnswer


class ContinuesPartialAnswer(BaseChatModel):
    """Mixed in before a model: a node's first call opens with what that node had got before."""

    partial_answers: dict[str, PartialAnswer] = Field(default_factory=dict, exclude=True, repr=False)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        opening = self._opening()
        if opening is None:
            async for chunk in super()._astream(messages, *args, **kwargs):
                yield chunk
            return
        yield ChatGenerationChunk(message=AIMessageChunk(content=opening.text))
        if opening.continues:
            async for chunk in super()._astream(opening.messages(messages), *args, **kwargs):
                # The provider's id would make the rest a message of its own.
                chunk.message.id = None
                yield chunk

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        opening = self._opening()
        if opening is None:
            return await super()._agenerate(messages, *args, **kwargs)
        if not opening.continues:
            return ChatResult(generations=[ChatGeneration(message=AIMessage(opening.text))])
        rest = await super()._agenerate(opening.messages(messages), *args, **kwargs)
        message = rest.generations[0].message
        message.content = opening.text + str(message.text)
        return rest

    def _opening(self) -> PartialAnswer | None:
        if not self.partial_answers:
            return None
        # What LangGraph says of the node that is at work.
        node = (ensure_config().get("metadata") or {}).get("langgraph_node")
        return self.partial_answers.pop(str(node), None)
