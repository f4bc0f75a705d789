"""Checkpoints in memory that can hold every value of a state."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer


class _Serializer(JsonPlusSerializer):
    """Keeps an object that cannot be serialized as it is: without a checkpointer its graph works with it too."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Any] = {}

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        try:
            return super().dumps_typed(obj)
        except Exception:  # noqa: BLE001 - a stranger's object, such as a table, a client or a function
            key = str(id(obj))
            self._kept[key] = obj
            return "kept", key.encode()

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        kind, payload = data
        return self._kept[payload.decode()] if kind == "kept" else super().loads_typed(data)


def saver_in_memory() -> InMemorySaver:
    """A checkpointer for a graph that has none."""
    return InMemorySaver(serde=_Serializer())
