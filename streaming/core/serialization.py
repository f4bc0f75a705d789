"""Detach what LangGraph hands out from live state, and weigh it.

Stream parts alias the graph's own state (dicts that later supersteps change), so a part is turned into plain JSON
values the moment it is received.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

import orjson
from langchain_core.messages import BaseMessage
from pydantic import BaseModel

_OPTIONS = orjson.OPT_NON_STR_KEYS
_LEAST, _MOST = -(2**63), 2**64 - 1
_DEEPEST = 100

_hidden: ContextVar[tuple[bytes, ...]] = ContextVar("hidden", default=())


def to_json(value: Any) -> bytes:
    """The value as JSON; what JSON cannot say becomes its `repr`, and half a character (a lone surrogate) �."""
    try:
        payload = orjson.dumps(value, default=_default, option=_OPTIONS)
    except TypeError:
        payload = orjson.dumps(_to_jsonable_slow(value, ()), option=_OPTIONS)
    for secret in _hidden.get():
        if secret in payload:
            payload = payload.replace(secret, b"[key]")
    return payload


def hide_keys(secrets: Iterable[str]) -> None:
    """Keep these out of every payload from here on, in this task and those that it starts.

    A provider may repeat the key in its error, and LangGraph puts the error of a node into `tasks` and `debug`.
    """
    _hidden.set(tuple(orjson.dumps(secret)[1:-1] for secret in secrets))


def from_json(payload: bytes) -> Any:
    """Plain Python values from JSON."""
    return orjson.loads(payload)


def to_plain(value: Any) -> Any:
    """The value as plain Python values, detached."""
    return from_json(to_json(value))


def replace_lone_surrogates(text: str) -> str:
    """The text without lone surrogates, as a provider leaves them that cuts a character in two."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _to_jsonable_slow(value: Any, inside: tuple[int, ...]) -> Any:
    """The value piece by piece, slowly; `inside` are the ids of what it lies in, which may be itself."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return replace_lone_surrogates(value)
    if isinstance(value, int):
        return value if _LEAST <= value <= _MOST else _long_int(value)
    if id(value) in inside or len(inside) >= _DEEPEST:
        return "…"
    inside = (*inside, id(value))
    if isinstance(value, Mapping):
        return {replace_lone_surrogates(str(name)): _to_jsonable_slow(item, inside) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_jsonable_slow(item, inside) for item in value]
    try:
        return from_json(orjson.dumps(value, default=_default, option=_OPTIONS))
    except TypeError:
        return _to_jsonable_slow(_default(value), inside)


def _long_int(value: int) -> str:
    # Python refuses to write very long numbers in decimal.
    return repr(value) if value.bit_length() < 4096 else hex(value)


def _default(value: Any) -> Any:
    if isinstance(value, BaseMessage):
        return _message(value)
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    return repr(value)


def _message(message: BaseMessage) -> dict[str, Any]:
    """A message with the fields that carry something; the dozen empty ones would only weigh."""
    said = {"type": message.type, "id": message.id, "name": message.name, "content": message.content}
    for name in ("tool_calls", "tool_call_chunks", "usage_metadata", "response_metadata", "additional_kwargs"):
        said[name] = getattr(message, name, None)
    if getattr(message, "status", None) == "error":
        said["status"] = "error"
    return {name: value for name, value in said.items() if value or name == "content"}
