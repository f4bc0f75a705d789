"""Places inside JSON values: the names and numbers that lead to a part."""

from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str | int, ...]


def path_of(path: Iterable[Any]) -> str:
    """A path in words of code, such as `orders[0].price`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.lstrip(".") or "The whole value"


def part_at(value: Any, path: Path) -> Any:
    """What is at this place of the value; `None` without such a place."""
    for name in path:
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and isinstance(name, int) and name < len(value):
            value = value[name]
        else:
            return None
    return value


def changed_at(value: Any, path: Path, new: Any) -> Any:
    """The value with a new part at this place, which may be a new field; without such a place it stays."""
    if not path:
        return new
    name, rest = path[0], path[1:]
    if isinstance(value, Mapping) and (name in value or not rest):
        return {**value, name: changed_at(value.get(name), rest, new)}
    if isinstance(value, list) and isinstance(name, int) and name < len(value):
        return [*value[:name], changed_at(value[name], rest, new), *value[name + 1 :]]
    return value
