"""How a provider's client waits, asks again, and does without a stream; the run hears of each of these.

Only before the first piece of an answer is anything repeated: what has begun stands on the screen.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_groq import ChatGroq
from langchain_openai import ChatOpenAI
from pydantic import Field

from streaming.errors import TooSlow
from streaming.events import Attempt, Fallback

Tell = Callable[[Attempt | Fallback], None]
"""Hears that the provider is asked again, or asked for a whole answer."""

_REFUSALS = frozenset({400, 403, 404, 405, 422, 501})
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait for the first piece and between two pieces (`None`: for ever), and how often to ask in all.

    The pause before attempt n is drawn from 0 to `first_pause_s`·2ⁿ⁻² (full jitter: AWS Architecture Blog 2015), unless
    the provider names one (`Retry-After`); a pause above `most_pause_s` is not waited for.
    """

    attempts: int = 3
    first_pause_s: float = 0.5
    most_pause_s: float = 20.0
    ttft_s: float | None = 60.0
    idle_s: float | None = 30.0

    def __post_init__(self) -> None:
        limits = (self.ttft_s, self.idle_s)
        if self.attempts < 1 or self.first_pause_s < 0 or self.most_pause_s < 0:
            raise ValueError("patience needs attempts ≥ 1 and pauses ≥ 0")
        if any(limit is not None and limit <= 0 for limit in limits):
            raise ValueError("ttft_s and idle_s must be above 0, or None for no limit")

    def pause_before(self, attempt: int, error: BaseException) -> float | None:
        """Seconds to wait before this attempt; `None` if it makes no sense to ask again."""
        if attempt > self.attempts or not is_passing(error):
            return None
        named = retry_after_s(error)
        if named is not None:
            return named if named <= self.most_pause_s else None
        return random.uniform(0, min(self.most_pause_s, self.first_pause_s * 2 ** (attempt - 2)))


class Patient(BaseChatModel):
    """Mixed into a provider's client."""

    patience: Patience = Field(default_factory=Patience, exclude=True, repr=False)
    tell: Tell | None = Field(default=None, exclude=True, repr=False)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        asked, begun, why = time.monotonic(), False, "it sent an empty stream"
        for attempt in count(2):
            try:
                async for chunk in self._in_time(super()._astream(messages, *args, **kwargs)):
                    begun = True
                    yield chunk
                break
            except Exception as error:
                if begun:
                    raise
                if refuses_to_stream(error):
                    why = "it refuses to stream"
                    break
                await self._pause(attempt, error)
        if begun:
            return
        self._say(Fallback(reason=why, lost_s=time.monotonic() - asked))
        yield _as_chunk(await self._agenerate(messages, *args, **{**_without_stream(kwargs), "stream": False}))

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        for attempt in count(2):
            try:
                return await super()._agenerate(messages, *args, **kwargs)
            except Exception as error:
                await self._pause(attempt, error)
        raise AssertionError("the loop ends by a result or an error")

    async def _pause(self, attempt: int, error: Exception) -> None:
        """Wait before the next attempt; raises the error if there is none."""
        pause = self.patience.pause_before(attempt, error)
        if pause is None:
            raise error
        self._say(Attempt(number=attempt, of=self.patience.attempts, reason=_reason(error), pause_s=pause))
        await asyncio.sleep(pause)

    async def _in_time(self, chunks: AsyncIterator[ChatGenerationChunk]) -> AsyncIterator[ChatGenerationChunk]:
        """The chunks, as long as they come in time; raises `TooSlow`."""
        begun = False
        try:
            while True:
                limit = self.patience.idle_s if begun else self.patience.ttft_s
                deadline = asyncio.timeout(limit)
                try:
                    async with deadline:
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    if deadline.expired():
                        raise _too_slow(begun, limit) from error
                    raise
                begun = begun or bool(chunk.text) or bool(getattr(chunk.message, "tool_call_chunks", None))
                yield chunk
        finally:
            if (close := getattr(chunks, "aclose", None)) is not None:
                await close()

    def _say(self, event: Attempt | Fallback) -> None:
        if self.tell is not None:
            self.tell(event)


class LabChatOpenAI(Patient, ChatOpenAI):
    """`ChatOpenAI` with patience."""


class LabChatGroq(Patient, ChatGroq):
    """`ChatGroq` with patience."""


def refuses_to_stream(error: BaseException) -> bool:
    """Whether a provider says no to the stream and not to the request: its refusal names the stream."""
    status = getattr(error, "status_code", None)
    return isinstance(error, NotImplementedError) or (status in _REFUSALS and "stream" in str(error).lower())


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed in a moment: a busy or broken server, or no connection."""
    if isinstance(error, TooSlow):
        return not error.begun
    status = getattr(error, "status_code", None)
    if status is not None:
        return status in _PASSING and "insufficient_quota" not in str(error)
    return isinstance(error, ConnectionError) or any(part in type(error).__name__ for part in ("Connect", "Timeout"))


def retry_after_s(error: BaseException, *, now: datetime | None = None) -> float | None:
    """The pause that the provider asks for, in seconds: a number or a date (RFC 9110, 10.2.3)."""
    said = getattr(getattr(error, "response", None), "headers", {}).get("retry-after")
    if not said:
        return None
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(said) - (now or datetime.now(UTC))).total_seconds())
    except (TypeError, ValueError):
        return None


def _too_slow(begun: bool, limit: float | None) -> TooSlow:
    if begun:
        return TooSlow(
            f"The model was silent for {limit:g} s in the middle of its answer.",
            advice="What had arrived is kept. Try again, or choose a faster model.",
            begun=True,
        )
    return TooSlow(
        f"The model did not begin within {limit:g} s.", advice="Try again, or choose a faster model.", begun=False
    )


def _reason(error: Exception) -> str:
    status = getattr(error, "status_code", None)
    return f"status {status}" if status is not None else type(error).__name__


def _without_stream(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if name not in ("stream", "stream_usage")}


def _as_chunk(result: ChatResult) -> ChatGenerationChunk:
    """A whole answer as one chunk, as the stream would have brought it."""
    generation = result.generations[0]
    message = generation.message
    fields = {name: getattr(message, name) for name in ("content", "additional_kwargs", "response_metadata", "id")}
    calls = [
        {**call, "args": json.dumps(call["args"]), "index": place}
        for place, call in enumerate(getattr(message, "tool_calls", ()))
    ]
    whole = AIMessageChunk(
        **fields,
        tool_call_chunks=calls,  # type: ignore[arg-type]
        usage_metadata=getattr(message, "usage_metadata", None),
    )
    return ChatGenerationChunk(message=whole, generation_info=generation.generation_info)
