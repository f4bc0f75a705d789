"""Chat models that handle a provider's faults: time limits, retries, whole answers instead of streams, a fallback.

No call is repeated once its answer has started, because the text is on the screen already.
"""

import asyncio
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from langchain_core.language_models import BaseChatModel, LangSmithParams
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, SecretStr

from streaming.core.errors import BrokenStream, LabError, TooSlow
from streaming.core.events import Attempt, Fallback, Notice
from streaming.core.limits import Limits
from streaming.core.message_content import finish_reason
from streaming.core.model_spec import Provider
from streaming.core.retry_policy import RetryPolicy
from streaming.providers.answer_parts import AnswerParts
from streaming.providers.call_identity import CallIdentity
from streaming.providers.call_policy import OnEvent
from streaming.providers.chunk_cleaning import without_keys
from streaming.providers.client_errors import error_object, error_status
from streaming.providers.error_words import MAX_READ_CHARS
from streaming.providers.failure_reasons import cut_reason, refuses_to_stream, short_reason
from streaming.providers.redaction import redact, redact_error
from streaming.providers.refused_options import RefusedOptions, withdrawn
from streaming.providers.stream_end import StreamEnd, watch_stream_end
from streaming.providers.transient_errors import pause_before, retrying
from streaming.providers.turns import in_turns
from streaming.providers.whole_answers import as_chunk, signature, signed, without_stream

# A client's warnings of odd types quote the answer, and a log has none.
warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)

_BROKE_OFF_ADVICE = "What had arrived is kept. Continue, retry, or keep it as it is."
LOADING_AFTER_S = 3.0
"""A server of this network that has sent nothing by then is probably loading its model."""
LOADING_POLL_S = 1.0
OpenFallback = Callable[[], Awaitable[BaseChatModel]]
_Chunks = AsyncIterator[ChatGenerationChunk]


@dataclass(slots=True)
class _Progress:
    """How far an answer is: `started` with its first piece, `finished` with its finish reason or `[DONE]`."""

    started: bool = False
    reason: str | None = None
    end: StreamEnd = field(default_factory=StreamEnd)

    @property
    def finished(self) -> bool:
        return self.reason is not None or (self.started and self.end.seen)

    def update(self, chunk: ChatGenerationChunk) -> None:
        message = chunk.message
        content = message.content or getattr(message, "tool_call_chunks", None) or message.additional_kwargs
        self.started = self.started or bool(content)
        info = chunk.generation_info or {}
        reason = finish_reason({**message.response_metadata, **info})
        if reason is not None and reason == self.reason:
            # Some servers repeat it; LangChain would write the word twice into the message.
            message.response_metadata.pop("finish_reason", None)
            chunk.generation_info = {name: value for name, value in info.items() if name != "finish_reason"}
        self.reason = reason or self.reason


class ResilientChatModel(BaseChatModel):
    """A mixin before a provider's client class; `provider` is the lab's id of the provider.

    `near` is true for a server of this network, which may have to load its model; `address` is what options that a
    server refuses are remembered for, `more_keys` what is secret beside the key.
    """

    provider: Provider | None = Field(default=None, exclude=True, repr=False)
    retry_policy: RetryPolicy = Field(default_factory=RetryPolicy, exclude=True, repr=False)
    limits: Limits = Field(default_factory=Limits, exclude=True, repr=False)
    near: bool = Field(default=False, exclude=True, repr=False)
    refused_options: RefusedOptions = Field(default_factory=RefusedOptions, exclude=True, repr=False)
    address: tuple[str, str] = Field(default=("", ""), exclude=True, repr=False)
    open_fallback: OpenFallback | None = Field(default=None, exclude=True, repr=False)
    fallback_name: str = Field(default="", exclude=True, repr=False)
    on_event: OnEvent | None = Field(default=None, exclude=True, repr=False)
    more_keys: tuple[str, ...] = Field(default=(), exclude=True, repr=False)
    loading_shown: bool = Field(default=False, exclude=True, repr=False)

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        params = super()._get_ls_params(stop=stop, **kwargs)
        # Otherwise the embedded model and compatible servers are called “openai”, after their client.
        return {**params, "ls_provider": self.provider} if self.provider else params

    async def _astream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> _Chunks:
        messages = in_turns(messages)
        started_at, progress, calls, parts = time.monotonic(), _Progress(), CallIdentity(messages), AnswerParts()
        try:
            async for chunk in without_keys(
                self._stream_with_retries(messages, progress, *args, **kwargs), self._keys()
            ):
                own = _with_own_calls(chunk, calls)
                parts.add(own)
                yield own
        except Exception as raised:  # noqa: BLE001 - any failure may be answered by the fallback
            error = redact_error(raised, self._keys())
            fallback = None if progress.started else await self._open_fallback(error, started_at)
            if fallback is None:
                raise error from error.__cause__
            async for chunk in signed(fallback, fallback._astream(messages, *args, **kwargs)):
                yield chunk

    async def _stream_with_retries(
        self, messages: list[BaseMessage], progress: _Progress, *args: Any, **kwargs: Any
    ) -> _Chunks:
        """The chunks of the answer, with retries until it starts; a whole answer as one chunk if it cannot stream."""
        started_at, reason, free = time.monotonic(), "it sent an empty stream", 0
        for attempt in count(2):
            progress.end = watch_stream_end()
            try:
                known = self.refused_options.names(self.address)
                allowed = self.refused_options.withdraw(self.address, kwargs)
                async for chunk in self._within_limits(super()._astream(messages, *args, **allowed), progress):
                    yield chunk
                break
            except Exception as error:
                if progress.finished:
                    return  # the answer is complete
                if progress.started:
                    raise self._broken_stream(error) from error
                if await self._may_repeat(kwargs, error, known, started_at):
                    free += 1
                    continue
                if refuses_to_stream(error):
                    reason = "it refuses to stream"
                    break
                await self._pause(attempt - free, error)
        if progress.finished:
            return
        if progress.started:
            raise self._broken_stream(None)
        self._emit(Fallback(reason=reason, lost_s=time.monotonic() - started_at))
        yield as_chunk(
            await self._generate_with_retries(messages, *args, **{**without_stream(kwargs), "stream": False})
        )

    async def _agenerate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        messages = in_turns(messages)
        started_at = time.monotonic()
        try:
            result = await self._generate_with_retries(messages, *args, **kwargs)
        except Exception as raised:  # noqa: BLE001 - any failure may be answered by the fallback
            error = redact_error(raised, self._keys())
            fallback = await self._open_fallback(error, started_at)
            if fallback is None:
                raise error from error.__cause__
            result = await fallback._agenerate(messages, *args, **without_stream(kwargs))
            for generation in result.generations:
                generation.message.response_metadata |= signature(fallback)
            return result
        message = result.generations[0].message
        if isinstance(message, AIMessage) and message.tool_calls:
            message.tool_calls = CallIdentity(messages).whole(message.tool_calls)  # type: ignore[assignment]
        return result

    async def _generate_with_retries(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        started_at = time.monotonic()
        while True:
            call = retrying(self.retry_policy, on_retry=self._emit_attempt)
            known = self.refused_options.names(self.address)
            allowed = self.refused_options.withdraw(self.address, kwargs)
            try:
                result: ChatResult = await call(super()._agenerate, messages, *args, **allowed)
            except Exception as error:
                if not await self._may_repeat(kwargs, error, known, started_at):
                    raise
            else:
                return result

    async def _pause(self, attempt: int, error: Exception) -> None:
        """Report and wait for this attempt; raises the error if there should be none."""
        pause_s = pause_before(self.retry_policy, attempt, error)
        if pause_s is None:
            raise error
        self._emit_attempt(attempt, error, pause_s)
        await asyncio.sleep(pause_s)

    async def _may_repeat(
        self, kwargs: Mapping[str, Any], error: BaseException, known: tuple[str, ...], started_at: float
    ) -> bool:
        """Whether to call again without counting an attempt: an option is withdrawn, or the server loads its model."""
        if self._withdraws(kwargs, error, known):
            return True
        loading = self._is_loading(error, started_at)
        if loading:
            await asyncio.sleep(LOADING_POLL_S)
        return loading

    def _options(self, kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """All options that a call sends: its arguments, those of the model, and what the client adds."""
        names = self._default_params.items() if hasattr(self, "_default_params") else ()
        options = {name: value for name, value in names if value is not None}
        if getattr(self, "stream_usage", False):
            options["stream_options"] = {"include_usage": True}
        return options | dict(kwargs)

    def _withdraws(self, kwargs: Mapping[str, Any], error: BaseException, known: tuple[str, ...]) -> bool:
        """Whether the error refuses an option, which is left out from now on; the next attempt is reported."""
        sent = withdrawn(self._named(self._options(kwargs)), known)
        option = self.refused_options.learn(self.address, sent, error, known=known)
        if option is not None:
            of = max(2, self.retry_policy.max_attempts)
            self._emit(Attempt(number=2, of=of, reason=f"it refuses {option}", pause_s=0.0))
        return option is not None

    def _named(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options by the names that are sent."""
        return options

    def _is_loading(self, error: BaseException, started_at: float) -> bool:
        """Whether the server says that it loads the model, for no longer than an answer may take to begin."""
        sent, limit_s = error_object(error), self.limits.ttft_s
        loading = error_status(error) == 503 and "loading" in sent.message[:MAX_READ_CHARS].lower()
        if not loading or (limit_s is not None and time.monotonic() - started_at > limit_s):
            return False
        self._emit_loading("The server is loading the model.")
        return True

    def _emit_loading(self, text: str) -> None:
        if not self.loading_shown:
            self.loading_shown = True
            self._emit(Notice(text=text))

    async def _open_fallback(self, error: Exception, started_at: float) -> BaseChatModel | None:
        """Open the fallback model; `None` if there is none or it cannot be opened."""
        if self.open_fallback is None:
            return None
        try:
            fallback = await self.open_fallback()
        except LabError:
            return None  # the first model's error is the one to report
        lost_s = time.monotonic() - started_at
        self._emit(Fallback(reason=short_reason(error), lost_s=lost_s, to=self.fallback_name))
        return fallback

    async def _within_limits(self, chunks: _Chunks, progress: _Progress) -> _Chunks:
        """The chunks; raises `TooSlow` if one does not come in time."""
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        text = "No answer yet: the server may still be loading the model."
        loading = loop.call_later(LOADING_AFTER_S, self._emit_loading, text) if self.near else None
        try:
            while True:
                # Empty chunks keep a connection alive, but do not count as the first piece.
                started = progress.started
                limit_s = self.limits.idle_s if started else self.limits.ttft_s
                since = loop.time() if started else started_at
                deadline = asyncio.timeout_at(None if limit_s is None else since + limit_s)
                try:
                    async with deadline:
                        chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    if deadline.expired():
                        raise _too_slow(started, limit_s) from error
                    raise
                progress.update(chunk)
                if loading is not None and progress.started:
                    loading.cancel()
                yield chunk
        finally:
            if loading is not None:
                loading.cancel()
            if (close := getattr(chunks, "aclose", None)) is not None:
                await close()

    def _broken_stream(self, error: Exception | None) -> LabError:
        """The error of an answer that broke off; a quote of the provider does not contain its key."""
        if isinstance(error, LabError):
            return error
        reason = "the stream ended before the answer did" if error is None else redact(cut_reason(error), self._keys())
        return BrokenStream(f"The answer broke off: {reason}.", advice=_BROKE_OFF_ADVICE)

    def _keys(self) -> list[str]:
        keys = [value.get_secret_value() for value in self.__dict__.values() if isinstance(value, SecretStr)]
        return [*keys, *self.more_keys]

    def _emit_attempt(self, attempt: int, error: BaseException, pause_s: float) -> None:
        max_attempts = self.retry_policy.max_attempts
        self._emit(Attempt(number=attempt, of=max_attempts, reason=short_reason(error), pause_s=pause_s))

    def _emit(self, event: Attempt | Fallback | Notice) -> None:
        if self.on_event is not None:
            self.on_event(event)


def _with_own_calls(chunk: ChatGenerationChunk, calls: CallIdentity) -> ChatGenerationChunk:
    """The chunk with an id and a place of its own for each tool call."""
    message: Any = chunk.message
    if message.tool_call_chunks:
        fragments = calls.fragments(message.tool_call_chunks)
        if fragments != message.tool_call_chunks:
            message = message.model_copy(update={"tool_call_chunks": fragments})
            chunk.message = message.init_tool_calls()
    return chunk


def _too_slow(answer_started: bool, limit_s: float | None) -> TooSlow:
    if answer_started:
        return TooSlow(
            f"The model was silent for {limit_s:g} s in the middle of its answer.",
            advice=_BROKE_OFF_ADVICE,
            answer_started=True,
        )
    return TooSlow(
        f"The model did not begin within {limit_s:g} s.",
        advice="Try again, or choose a faster model.",
        answer_started=False,
    )
