"""A model that will not stream is asked for its whole answer instead, and the run is told."""

import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from langchain_groq import ChatGroq
from langchain_openai import ChatOpenAI
from pydantic import Field

OnFallback = Callable[[str, float], None]
"""Takes the reason, and the seconds that the refused attempt took."""

_REFUSALS = frozenset({400, 403, 404, 405, 422, 501})


class StreamsOrAnswers(BaseChatModel):
    """Mixed into a provider's client: where a stream does not begin, the same call is made without one.

    A stream that has begun is never repeated: its tokens are on the screen.
    """

    on_fallback: OnFallback | None = Field(default=None, exclude=True, repr=False)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        asked, begun = time.monotonic(), False
        why = "it sent an empty stream"
        try:
            async for chunk in super()._astream(messages, *args, **kwargs):
                begun = True
                yield chunk
        except Exception as error:
            if begun or not refuses_to_stream(error):
                raise
            why = "it refuses to stream"
        if begun:
            return
        if self.on_fallback is not None:
            self.on_fallback(why, time.monotonic() - asked)
        yield await self._whole_answer(messages, *args, **kwargs)

    async def _whole_answer(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatGenerationChunk:
        kwargs.pop("stream_usage", None)
        generation = (await self._agenerate(messages, *args, **{**kwargs, "stream": False})).generations[0]
        message = generation.message
        fields = {name: getattr(message, name) for name in ("content", "additional_kwargs", "response_metadata", "id")}
        calls = [
            {**call, "args": json.dumps(call["args"]), "index": place} for place, call in enumerate(_calls(message))
        ]
        whole = AIMessageChunk(
            **fields,
            tool_call_chunks=calls,  # type: ignore[arg-type]
            usage_metadata=getattr(message, "usage_metadata", None),
        )
        return ChatGenerationChunk(message=whole, generation_info=generation.generation_info)


class LabChatOpenAI(StreamsOrAnswers, ChatOpenAI):
    """`ChatOpenAI` that falls back to a whole answer."""


class LabChatGroq(StreamsOrAnswers, ChatGroq):
    """`ChatGroq` that falls back to a whole answer."""


def refuses_to_stream(error: BaseException) -> bool:
    """Whether a provider says no to the stream and not to the request: its refusal names the stream."""
    status = getattr(error, "status_code", None)
    return isinstance(error, NotImplementedError) or (status in _REFUSALS and "stream" in str(error).lower())


def _calls(message: BaseMessage) -> list[dict[str, Any]]:
    return [dict(call) for call in getattr(message, "tool_calls", ())]
