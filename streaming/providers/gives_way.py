"""Models that pause between two pieces of an answer while another run is being stopped."""

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field

from streaming.core.stops_first import StopsFirst


class GivesWay(BaseChatModel):
    """A mixin before a model class; what the provider sends meanwhile waits in the connection."""

    stops_first: StopsFirst | None = Field(default=None, exclude=True, repr=False)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        stops_first = self.stops_first
        async for chunk in super()._astream(messages, *args, **kwargs):
            if stops_first is not None and stops_first.pending:
                await stops_first.pass_by()
            yield chunk
