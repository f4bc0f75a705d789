"""Turn values of a graph into plain JSON values, detached from its live state, and into JSON bytes.

Stream parts alias the graph's own state (dicts that later supersteps change), so a part is turned into plain JSON
values the moment it is received.
"""

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

import orjson
from langchain_core.messages import BaseMessage
from pydantic import BaseModel

from streaming.core.escaped_secrets import in_pieces, without_secrets

_OPTIONS = orjson.OPT_NON_STR_KEYS
_MIN_INT, _MAX_INT = -(2**63), 2**64 - 1
"""The integers that orjson writes."""
_MAX_DEPTH = 100
"""Python's recursion limit is 1,000 frames; each level needs two or three, and some are in use already."""
_ROOM = 24
"""Levels that are left, of the 254 that orjson writes, for what a value is put into: an event, a line, a protocol."""
_MAX_DECIMAL_BITS = 4096
"""Python refuses to write longer integers in decimal (4,300 digits); this is well below."""

PIECE_BYTES = 200_000
"""To take keys out of so much takes some 10 to 25 ms."""

_hidden: ContextVar[tuple[bytes, ...]] = ContextVar("hidden", default=())


def to_json(value: Any) -> bytes:
    """The value as JSON; an object without a JSON form becomes its `repr`, and a lone surrogate �."""
    payload, hidden = _dumped(value), _hidden.get()
    return without_secrets(payload, hidden) if hidden else payload


async def to_json_in_turns(value: Any) -> bytes:
    """The same as `to_json`; while keys are taken out of a large one, other tasks have their turns."""
    return await without_secrets_in_turns(_dumped(value), _hidden.get())


async def without_secrets_in_turns(payload: bytes, secrets: Sequence[bytes]) -> bytes:
    """The same as `without_secrets`; while they are taken out of a large payload, other tasks have their turns."""
    if not secrets or len(payload) <= PIECE_BYTES:
        return without_secrets(payload, secrets) if secrets else payload
    pieces = []
    for piece in in_pieces(payload, secrets, PIECE_BYTES):
        pieces.append(piece)
        await asyncio.sleep(0)
    return b"".join(pieces)


async def to_plain_in_turns(value: Any) -> Any:
    """The same as `to_plain`; while keys are taken out of a large value, other tasks have their turns."""
    return from_json(await to_json_in_turns(value))


def json_size(value: Any) -> int:
    """The size of the value as JSON in bytes, before keys are taken out: that costs many times as much."""
    return len(_dumped(value))


def _dumped(value: Any) -> bytes:
    nested = value
    for _ in range(_ROOM):
        nested = [nested]
    try:
        return orjson.dumps(nested, default=_default, option=_OPTIONS)[_ROOM:-_ROOM]
    except TypeError:
        return orjson.dumps(_to_jsonable_slow(value, ()), option=_OPTIONS)


def hide_keys(secrets: Iterable[str]) -> None:
    """Replace these secrets in every payload from now on, in this task and those that it starts.

    A provider may repeat the key in its error, and LangGraph puts the error of a node into `tasks` and `debug`.
    """
    _hidden.set(tuple(orjson.dumps(secret)[1:-1] for secret in secrets))


def from_json(payload: bytes) -> Any:
    """Plain Python values from JSON."""
    return orjson.loads(payload)


def to_plain(value: Any) -> Any:
    """The value as plain Python values, detached."""
    return from_json(to_json(value))


def to_plain_with_keys(value: Any) -> Any:
    """The same as `to_plain` with all keys that are in it, for the server of a graph: never for an event."""
    return from_json(_dumped(value))


def replace_lone_surrogates(text: str) -> str:
    """The text without lone surrogates, which remain where a provider cuts a character in two."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _to_jsonable_slow(value: Any, parents: tuple[int, ...]) -> Any:
    """The value, converted piece by piece; `parents` are the ids of its containers, to stop at a cycle."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return replace_lone_surrogates(value)
    if isinstance(value, int):
        return value if _MIN_INT <= value <= _MAX_INT else _long_int(value)
    if id(value) in parents or len(parents) >= _MAX_DEPTH:
        return "…"
    parents = (*parents, id(value))
    if isinstance(value, Mapping):
        return {replace_lone_surrogates(str(name)): _to_jsonable_slow(item, parents) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_jsonable_slow(item, parents) for item in value]
    try:
        return from_json(orjson.dumps(value, default=_default, option=_OPTIONS))
    except TypeError:
        return _to_jsonable_slow(_default(value), parents)


def _long_int(value: int) -> str:
    return repr(value) if value.bit_length() < _MAX_DECIMAL_BITS else hex(value)


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
    """The message as a dict without its empty fields (about a dozen), which would only add bytes."""
    fields = {"type": message.type, "id": message.id, "name": message.name, "content": message.content}
    fields |= message.__dict__ | (message.__pydantic_extra__ or {})
    # `success` is the status of every tool that did not fail.
    says_nothing = {name for name, value in fields.items() if not value or (name, value) == ("status", "success")}
    return {name: value for name, value in fields.items() if name == "content" or name not in says_nothing}
