"""Recordings that pass the loader and hold whatever their types allow: foreign states, messages and ids."""

import dataclasses
import random
import types
import typing
from typing import Any

import orjson

from streaming.core.events import Ended, Event
from streaming.recordings.format import FORMAT, VERSION, Recording, load_recording

_WORDS = (
    "",
    "a",
    "m1",
    "node",
    "node:1",
    "__end__",
    "messages",
    "progress",
    "50%",
    "é",
    "<b>",
    "{}",
    "null",
    "ai",
    "stop",
)
_KEYS = (
    *_WORDS,
    *("type", "content", "id", "tool_calls", "name", "args", "index", "text", "kind", "fraction", "status", "total"),
    *("input_tokens", "output_token_details", "reasoning", "usage_metadata", "response_metadata", "finish_reason"),
    *("langgraph_node", "langgraph_checkpoint_ns", "ls_model_name", "additional_kwargs", "data", "url", "next"),
)
_PLAIN: dict[Any, tuple[Any, ...]] = {
    str: _WORDS,
    int: (0, 1, -1, 10**9),
    float: (0.0, 0.5, 1e9, -1.0),
    bool: (True, False),
    type(None): (None,),
}
_TYPES: dict[str, Any] = {kind.__name__: kind for kind in typing.get_args(Event)}
_HEAD = {
    "format": FORMAT,
    "version": VERSION,
    "run_id": "odd",
    "created_at": "2026-01-01T00:00:00+00:00",
    "graph": "odd",
    "provider": "scripted",
    "model": "odd",
    "modes": ["messages", "values", "updates"],
    "prompt": "Hello",
}


def odd_recording(seed: int) -> Recording:
    """A recording of up to 30 events; the same seed always gives the same one."""
    return _Odd(random.Random(seed)).recording()


class _Odd:
    """Draws values of the types of events."""

    def __init__(self, numbers: random.Random) -> None:
        self._numbers = numbers

    def recording(self) -> Recording:
        names = sorted(self._numbers.sample(sorted(_TYPES), k=self._numbers.randint(1, len(_TYPES))))
        kinds = [name for name in self._numbers.choices(names, k=self._numbers.randint(1, 30)) if name != "Ended"]
        rows = [
            {"seq": seq, "t": seq / 10, "size": 1, "type": kind, "event": self._fields(_TYPES[kind])}
            for seq, kind in enumerate([*kinds, Ended.__name__])
        ]
        return load_recording(b"\n".join(map(orjson.dumps, [_HEAD, *rows])))

    def _fields(self, kind: Any) -> dict[str, Any]:
        hints = typing.get_type_hints(kind)
        given = {
            field.name: self._value(hints[field.name], field.name)
            for field in dataclasses.fields(kind)
            if field.default is dataclasses.MISSING or self._numbers.random() < 0.5
        }
        given.pop("kind", None)
        return {**given, "role": "ai"} if "role" in given and self._numbers.random() < 0.6 else given

    def _value(self, kind: Any, name: str = "") -> Any:
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if name in ("state", "values", "result", "input") and self._numbers.random() < 0.4:
            return {"messages": self._one([[self._message(), self._message()], self._message(), self._json()])}
        if origin in (typing.Union, types.UnionType):
            return self._value(self._one(inner), name)
        if origin is typing.Literal:
            return self._one(inner)
        if origin in (tuple, list):
            return [self._value(inner[0]) for _ in range(self._numbers.randrange(3))]
        if dataclasses.is_dataclass(kind):
            return self._fields(kind)
        if kind in _PLAIN:
            return self._one(_PLAIN[kind])
        return self._mapping(inner[1]) if len(inner) == 2 else self._json()

    def _mapping(self, kind: Any) -> dict[str, Any]:
        return {self._one(_KEYS): self._value(kind) for _ in range(self._numbers.randrange(4))}

    def _json(self, depth: int = 0) -> Any:
        choice = self._numbers.randrange(8 if depth < 3 else 5)
        if choice >= 5:
            size = self._numbers.randrange(4)
            items = [self._json(depth + 1) for _ in range(size)]
            return items if choice == 5 else {self._one(_KEYS): item for item in items}
        return (None, self._one((True, False)), self._one((0, -1, 2**63 - 1, 0.5)), *(self._one(_WORDS),) * 2)[choice]

    def _message(self) -> dict[str, Any]:
        block = {"type": self._json(2), self._one(_KEYS): self._json(2)}
        content = self._one([self._one(_WORDS), self._json(1), [block]])
        more = {self._one(_KEYS): self._json(1)}
        return {"type": self._one(["ai", "human", "tool", self._json(2)]), "id": "m1", **more, "content": content}

    def _one(self, of: typing.Sequence[Any]) -> Any:
        return self._numbers.choice(of)
