"""Continue a truncated answer: replay the received prefix, request only the rest."""

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables.config import ensure_config
from pydantic import Field

from streaming.core.partial_answer import KEPT, PartialAnswer, open_text
from streaming.providers.rest_of_answer import RestOfAnswer


class ContinuesPartialAnswer(BaseChatModel):
    """A mixin before a model class: a node's first call starts with the partial answer that the node has received.

    `open_turn` is true for a server that goes on with an answer at the end of the conversation, as
    `core.partial_answer.with_open_turn` makes it; others are asked for the rest.
    """

    partial_answers: dict[str, PartialAnswer] = Field(default_factory=dict, exclude=True, repr=False)
    open_turn: bool = Field(default=False, exclude=True, repr=False)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        prefix = self._take_partial_answer()
        if prefix is None:
            async for chunk in super()._astream(messages, *args, **kwargs):
                yield chunk
            return
        yield ChatGenerationChunk(message=AIMessageChunk(content=prefix.text, response_metadata={KEPT: True}))
        if not prefix.continues:
            return
        rest = RestOfAnswer(prefix.text, exact=self.open_turn)
        async for chunk in super()._astream(prefix.messages(messages), *args, **kwargs):
            # With the provider's id the rest would be a separate message.
            chunk.message.id = None
            if isinstance(chunk.message.content, str):
                chunk.message.content = rest.add(chunk.message.content)
            yield chunk
        if held := rest.end():
            yield ChatGenerationChunk(message=AIMessageChunk(content=held))

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        prefix = self._take_partial_answer()
        if prefix is None:
            return await super()._agenerate(messages, *args, **kwargs)
        if not prefix.continues:
            return ChatResult(generations=[ChatGeneration(message=AIMessage(prefix.text))])
        rest = await super()._agenerate(prefix.messages(messages), *args, **kwargs)
        message = rest.generations[0].message
        # An answer that is not streamed may begin with the open turn.
        new = str(message.text).removeprefix(open_text(prefix.text)) if self.open_turn else str(message.text)
        joined = RestOfAnswer(prefix.text, exact=self.open_turn)
        message.content = prefix.text + joined.add(new) + joined.end()
        return rest

    def _take_partial_answer(self) -> PartialAnswer | None:
        if not self.partial_answers:
            return None
        # LangGraph names the running node in the metadata of the call.
        node = (ensure_config().get("metadata") or {}).get("langgraph_node")
        return self.partial_answers.pop(str(node), None)
