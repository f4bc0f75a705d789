"""How a provider's client waits, asks again, and does without a stream or a provider; the run hears of each of these.

Only before the first piece of an answer is anything repeated: what has begun stands on the screen.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_groq import ChatGroq
from langchain_openai import ChatOpenAI
from pydantic import Field, SecretStr

from streaming.core.errors import BrokenStream, LabError, TooSlow
from streaming.core.events import Attempt, Fallback
from streaming.core.limits import Limits
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.call_policy import OnEvent
from streaming.providers.continuation import ContinuesPartialAnswer
from streaming.providers.redaction import redact, redact_error
from streaming.providers.transient_errors import backoff_before, error_chain, status_of

_REFUSALS = frozenset({400, 403, 404, 405, 422, 501})
OpenFallback = Callable[[], Awaitable[BaseChatModel]]
_Chunks = AsyncIterator[ChatGenerationChunk]


@dataclass(slots=True)
class _Progress:
    """How far an answer has come: nothing yet, `begun` with a first piece, `finished` with a finish reason."""

    begun: bool = False
    finished: bool = False

    def see(self, chunk: ChatGenerationChunk) -> None:
        message = chunk.message
        said = chunk.text or getattr(message, "tool_call_chunks", None) or message.additional_kwargs
        self.begun = self.begun or bool(said)
        info = {**message.response_metadata, **(chunk.generation_info or {})}
        self.finished = self.finished or bool(info.get("finish_reason"))


class ResilientChatModel(BaseChatModel):
    """Mixed into a provider's client."""

    retry_policy: RetryPolicy = Field(default_factory=RetryPolicy, exclude=True, repr=False)
    limits: Limits = Field(default_factory=Limits, exclude=True, repr=False)
    open_fallback: OpenFallback | None = Field(default=None, exclude=True, repr=False)
    fallback_name: str = Field(default="", exclude=True, repr=False)
    tell: OnEvent | None = Field(default=None, exclude=True, repr=False)

    async def _astream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> _Chunks:
        asked, progress = time.monotonic(), _Progress()
        try:
            async for chunk in self._stream_with_retries(messages, progress, *args, **kwargs):
                yield chunk
        except Exception as raised:
            error = redact_error(raised, self._keys())
            second = None if progress.begun else await self._second(error, asked)
            if second is None:
                raise error from error.__cause__
            async for chunk in second._astream(messages, *args, **kwargs):
                yield chunk

    async def _stream_with_retries(
        self, messages: list[BaseMessage], progress: _Progress, *args: Any, **kwargs: Any
    ) -> _Chunks:
        """The answer, asked for as often as patience allows before it has begun, and whole if it will not stream."""
        asked, why = time.monotonic(), "it sent an empty stream"
        for attempt in count(2):
            try:
                async for chunk in self._in_time(super()._astream(messages, *args, **kwargs), progress):
                    yield chunk
                break
            except Exception as error:
                if progress.finished:
                    break  # what fails after the end of an answer takes nothing from it
                if progress.begun:
                    raise self._broken(error) from error
                if refuses_to_stream(error):
                    why = "it refuses to stream"
                    break
                await self._pause(attempt, error)
        if progress.finished:
            return
        if progress.begun:
            raise self._broken(None)
        self._say(Fallback(reason=why, lost_s=time.monotonic() - asked))
        yield _as_chunk(await self._whole(messages, *args, **{**_without_stream(kwargs), "stream": False}))

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        asked = time.monotonic()
        try:
            return await self._whole(messages, *args, **kwargs)
        except Exception as raised:
            error = redact_error(raised, self._keys())
            second = await self._second(error, asked)
            if second is None:
                raise error from error.__cause__
            return await second._agenerate(messages, *args, **_without_stream(kwargs))

    async def _second(self, error: Exception, asked: float) -> BaseChatModel | None:
        """The model that answers instead, opened now that it is wanted; `None` if there is none or it cannot be had."""
        if self.open_fallback is None:
            return None
        try:
            second = await self.open_fallback()
        except LabError:
            return None  # what matters is what the first one said
        self._say(Fallback(reason=short_reason(error), lost_s=time.monotonic() - asked, to=self.fallback_name))
        return second

    async def _whole(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        for attempt in count(2):
            try:
                return await super()._agenerate(messages, *args, **kwargs)
            except Exception as error:
                await self._pause(attempt, error)
        raise AssertionError("the loop ends by a result or an error")

    async def _pause(self, attempt: int, error: Exception) -> None:
        """Wait before the next attempt; raises the error if there is none."""
        pause = backoff_before(self.retry_policy, attempt, error)
        if pause is None:
            raise error
        self._say(Attempt(number=attempt, of=self.retry_policy.max_attempts, reason=short_reason(error), pause_s=pause))
        await asyncio.sleep(pause)

    async def _in_time(self, chunks: _Chunks, progress: _Progress) -> _Chunks:
        """The chunks, as long as they come in time; raises `TooSlow`."""
        loop = asyncio.get_running_loop()
        asked = loop.time()
        try:
            while True:
                # Empty chunks keep a connection alive; they are not yet the first piece.
                begun = progress.begun
                limit = self.limits.idle_s if begun else self.limits.ttft_s
                since = loop.time() if begun else asked
                deadline = asyncio.timeout_at(None if limit is None else since + limit)
                try:
                    async with deadline:
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    if deadline.expired():
                        raise _too_slow(begun, limit) from error
                    raise
                progress.see(chunk)
                yield chunk
        finally:
            if (close := getattr(chunks, "aclose", None)) is not None:
                await close()

    def _broken(self, error: Exception | None) -> LabError:
        """The error of an answer that had begun; what the provider said is quoted without its key."""
        if isinstance(error, LabError):
            return error
        why = "the stream ended before the answer did" if error is None else redact(_why_broken(error), self._keys())
        return BrokenStream(
            f"The answer broke off: {why}.", advice="What had arrived is kept. Continue, retry, or keep it as it is."
        )

    def _keys(self) -> list[str]:
        return [value.get_secret_value() for value in self.__dict__.values() if isinstance(value, SecretStr)]

    def _say(self, event: Attempt | Fallback) -> None:
        if self.tell is not None:
            self.tell(event)


class ResilientChatOpenAI(ContinuesPartialAnswer, ResilientChatModel, ChatOpenAI):
    """`ChatOpenAI` with patience."""


class ResilientChatGroq(ContinuesPartialAnswer, ResilientChatModel, ChatGroq):
    """`ChatGroq` with patience."""


def refuses_to_stream(error: BaseException) -> bool:
    """Whether a provider says no to the stream and not to the request: its refusal names the stream."""
    status = getattr(error, "status_code", None)
    return isinstance(error, NotImplementedError) or (status in _REFUSALS and "stream" in str(error).lower())


def short_reason(error: BaseException) -> str:
    """In a few words, without anything that the provider said."""
    status = status_of(error)
    if status is not None:
        return f"status {status}"
    return "no first piece in time" if isinstance(error, TooSlow) else _why_broken(error, quoted=False)


def _why_broken(error: BaseException, *, quoted: bool = True) -> str:
    if any(isinstance(link, json.JSONDecodeError) for link in error_chain(error)):
        return "a piece of it was no JSON"
    if any(isinstance(link, UnicodeDecodeError) for link in error_chain(error)):
        return "a piece of it was no UTF-8"
    name = type(error).__name__
    if any(part in name for part in ("Connect", "Protocol", "ReadError")):
        return "the connection failed" if not quoted else "the connection was closed"
    # The sentence around it has a full stop of its own.
    return f"the provider said “{str(error).rstrip(' .')}”" if quoted and name == "APIError" else name


def _too_slow(begun: bool, limit: float | None) -> TooSlow:
    if begun:
        return TooSlow(
            f"The model was silent for {limit:g} s in the middle of its answer.",
            advice="What had arrived is kept. Continue, retry, or keep it as it is.",
            begun=True,
        )
    return TooSlow(
        f"The model did not begin within {limit:g} s.", advice="Try again, or choose a faster model.", begun=False
    )


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
