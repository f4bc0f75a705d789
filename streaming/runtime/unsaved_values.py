"""Find the value of a graph that its checkpointer cannot save."""

from collections.abc import Iterator, Mapping, Sequence
from traceback import walk_tb
from types import FrameType
from typing import Any

from streaming.core.errors import GraphFailed
from streaming.providers.client_errors import error_chain

_SERIALIZERS = "langgraph.checkpoint.serde"
_MAX_DEPTH = 12


def unsaved_value(error: BaseException) -> GraphFailed | None:
    """The error that names type and field, if a value of the graph could not be saved; `None` for any other error."""
    for link in error_chain(error):
        frames = [frame for frame, _ in walk_tb(link.__traceback__)]
        for frame in frames:
            if str(frame.f_globals.get("__name__")).startswith(_SERIALIZERS) and "obj" in frame.f_locals:
                return _explained(frame.f_locals.get("self"), frame.f_locals["obj"], frames)
    return None


def _explained(serializer: Any, value: Any, frames: list[FrameType]) -> GraphFailed:
    path, culprit = _culprit(serializer, value, _field_of(value, frames))
    kind = type(culprit)
    own = kind.__module__ in ("builtins", "__main__")
    name = kind.__name__ if own else f"{kind.__module__}.{kind.__qualname__}"
    where = f"“{path}” in the state" if path else "The state"
    return GraphFailed(
        f"{where} holds a value that cannot be saved, of the type {name}.",
        advice="Let the node return plain data: texts, numbers of up to 64 bits, lists, dicts or messages.",
    )


def _field_of(value: Any, frames: list[FrameType]) -> str:
    """The field of the state that is saved; the arguments of a checkpointer's methods have names that are its API."""
    for frame in frames:
        writes = frame.f_locals.get("writes")
        if isinstance(writes, Sequence):
            for write in writes:
                if isinstance(write, tuple) and len(write) == 2 and write[1] is value:
                    return str(write[0])
    return ""


def _culprit(serializer: Any, value: Any, path: str) -> tuple[str, Any]:
    """The innermost value that cannot be saved, with the path to it."""
    for _ in range(_MAX_DEPTH):
        inner = next(((step, item) for step, item in _items(value) if not _can_save(serializer, item)), None)
        if inner is None:
            break
        step, value = inner
        path = step if not path else f"{path}.{step}"
    return path.removeprefix("channel_values."), value


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(name), item) for name, item in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((str(index), item) for index, item in enumerate(value))


def _can_save(serializer: Any, value: Any) -> bool:
    try:
        serializer.dumps_typed(value)
    except Exception:  # noqa: BLE001 - whatever a serializer raises
        return False
    return True
