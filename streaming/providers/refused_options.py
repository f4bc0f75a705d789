"""Options that a server refuses: withdrawn once, and remembered for its address and model.

Compatible servers know some of OpenAI's options and answer the rest with an error. Each option here changes how an
answer is sent or checked, so the request makes sense without it.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from streaming.providers.client_errors import error_object, error_status
from streaming.providers.error_body import ErrorObject
from streaming.providers.error_words import MAX_READ_CHARS

MAX_ADDRESSES = 256
FORGET_AFTER_S = 3600.0
"""A server may be updated; it is asked again after this time."""

_STATUSES = frozenset({None, 400, 404, 415, 422, 500, 501})
_FORBIDDEN = frozenset({"extra_forbidden", "unsupported_parameter", "unsupported_value", "unknown_parameter"})
_REFUSED = re.compile(
    r"(?i)\bnot (?:be )?(?:support|permit|allow|implement|available|recogni[sz])|n't support|\bunsupported\b"
    r"|\bunknown\b|\bunrecogni[sz]ed\b|\bunexpected\b|\bunavailable\b|\bextra (?:inputs?|fields?)\b|\binstead\b"
    r"|\bno such\b|\bis only allowed\b|\bonly the default\b|\binvalid (?:parameter|argument|field|response_format)\b"
)


_REFUSED_VALUE = re.compile(
    rf"{_REFUSED.pattern}|\bnot (?:a )?valid\b|\binvalid\b|\bdeprecated\b|\bmust be\b|\bnot accept"
    r"|\bonly \S+ is allowed\b"
)
"""A value that is refused: of options without which an answer is still the same; a limit would be lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One step of withdrawal: the option's `name`, the words that mean it, those that refuse it, what is done then."""

    name: str
    words: re.Pattern[str]
    applies: Callable[[Mapping[str, Any]], bool]
    withdraw: Callable[[dict[str, Any]], None]
    refused: re.Pattern[str] = _REFUSED_VALUE


def _without(name: str, *, instead: str | None = None) -> Option:
    """Leave the option out, or send its value as `instead`."""

    def withdraw(request: dict[str, Any]) -> None:
        value = request.pop(name)
        if instead is not None:
            request.setdefault(instead, value)

    words = re.compile(rf"(?<![\w.]){name}(?!\w)")
    return Option(
        name=name,
        words=words,
        applies=lambda request: request.get(name) is not None,
        withdraw=withdraw,
        refused=_REFUSED_VALUE if instead is None else _REFUSED,
    )


_FORMAT_WORDS = re.compile(r"(?i)response_format|json_schema|json_object|structured[ _-]outputs?|json mode")


def _has_schema(request: Mapping[str, Any]) -> bool:
    given = request.get("response_format")
    return isinstance(given, Mapping) and given.get("type") == "json_schema"


def _has_system_role(messages: Iterable[Mapping[str, Any]]) -> bool:
    return any(message.get("role") in ("system", "developer") for message in messages)


def _without_system_role(request: dict[str, Any]) -> None:
    """Put the words of the system into the first question: the chat templates of some models have no such role."""
    messages: list[dict[str, Any]] = request.get("messages") or []
    system = [str(message["content"]) for message in messages if message.get("role") in ("system", "developer")]
    others = [message for message in messages if message.get("role") not in ("system", "developer")]
    first = next((place for place, message in enumerate(others) if message.get("role") == "user"), None)
    if not system or first is None:
        return
    words, question = "\n\n".join(system), others[first]["content"]
    joined = [{"type": "text", "text": words}, *question] if isinstance(question, list) else f"{words}\n\n{question}"
    request["messages"] = [*others[:first], {**others[first], "content": joined}, *others[first + 1 :]]


OPTIONS: tuple[Option, ...] = (
    _without("stream_options"),
    Option(
        name="json_schema",
        words=_FORMAT_WORDS,
        applies=_has_schema,
        withdraw=lambda request: request.update(response_format={"type": "json_object"}),
    ),
    Option(
        name="response_format",
        words=_FORMAT_WORDS,
        applies=lambda request: request.get("response_format") is not None,
        withdraw=lambda request: request.pop("response_format"),
    ),
    _without("max_completion_tokens", instead="max_tokens"),
    _without("max_tokens", instead="max_completion_tokens"),
    _without("parallel_tool_calls"),
    _without("temperature"),
    _without("repeat_penalty"),
    Option(
        name="the system role",
        words=re.compile(
            r"(?i)\bsystem\W{0,2} (?:role|message|instruction)|\brole\b[^.]{0,20}\bsystem\b|\broles? (?:are|must)\b"
        ),
        applies=lambda request: request.get("messages") is None or _has_system_role(request["messages"]),
        withdraw=_without_system_role,
        refused=re.compile(rf"{_REFUSED.pattern}|\bonly user and assistant\b|\bmust alternate\b"),
    ),
)
_BY_NAME = {option.name: option for option in OPTIONS}


def withdrawn(request: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The request without these options, or with what is sent instead of them."""
    allowed = dict(request)
    for name in names:
        if _BY_NAME[name].applies(allowed):
            _BY_NAME[name].withdraw(allowed)
    return allowed


class RefusedOptions:
    """The options that servers have refused, by address and model; can be used from several threads.

    At most `MAX_ADDRESSES` are remembered, each until `FORGET_AFTER_S` after its last refusal.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._refused: OrderedDict[tuple[str, str], tuple[float, tuple[str, ...]]] = OrderedDict()

    def withdraw(self, address: tuple[str, str], request: Mapping[str, Any]) -> dict[str, Any]:
        """The request without what this address has refused, in the order of the refusals."""
        return withdrawn(request, self.names(address))

    def learn(
        self, address: tuple[str, str], request: Mapping[str, Any], error: BaseException, *, known: tuple[str, ...]
    ) -> str | None:
        """The option of this request that the error refuses, now remembered; `None` if it refuses none.

        `known` are the options that were known to be refused when the request was sent: one of these is not withdrawn
        again, so that two options that replace each other end.
        """
        sent = error_object(error)
        if error_status(error) not in _STATUSES or not sent.message:
            return None
        for option in OPTIONS:
            if option.name not in known and option.applies(request) and _refuses(sent, option):
                now_known = self.names(address)
                if option.name not in now_known:
                    self._remember(address, (*now_known, option.name))
                return option.name
        return None

    def names(self, address: tuple[str, str]) -> tuple[str, ...]:
        """The options that this address has refused, in the order of the refusals."""
        with self._lock:
            at, names = self._refused.get(address, (0.0, ()))
            if names and self._clock() - at > FORGET_AFTER_S:
                del self._refused[address]
                return ()
            return names

    def _remember(self, address: tuple[str, str], names: tuple[str, ...]) -> None:
        with self._lock:
            self._refused[address] = (self._clock(), names)
            self._refused.move_to_end(address)
            while len(self._refused) > MAX_ADDRESSES:
                self._refused.popitem(last=False)


def _refuses(sent: ErrorObject, option: Option) -> bool:
    text = sent.message[:MAX_READ_CHARS]
    refused = bool(option.refused.search(text))
    if sent.param:
        named = bool(option.words.search(sent.param.replace("body.", "")))
        return named and (bool({sent.code, sent.type} & _FORBIDDEN) or refused)
    return bool(option.words.search(text)) and refused
