"""What a form loses of a JSON value: what it has no field for, and what its fields cannot hold."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from components.run_panel.input_form.fields import Field
from components.shell.format import code
from streaming.core.json_paths import path_of

_MAX_NAMED = 3
"""Parts that are named at once."""

_Why = Literal["unknown", "changed"]
_Path = tuple[str | int, ...]


def loss_of(field: Field, given: Any, shown: Any) -> str:
    """What the form would lose of this value, as a part of a sentence; empty if it can show all of it.

    `shown` is what the form has that is filled with it. A form may add only what the schema requires.
    """
    found: dict[_Why, list[_Path]] = {"unknown": [], "changed": []}
    for path, why in _losses(field, given, shown, ()):
        found[why].append(path)
    unknown, changed = found["unknown"], found["changed"]
    parts = [f"has no field for {_named(unknown)}"] if unknown else []
    if changed == [()]:
        parts.append("cannot show this value")
    elif changed:
        parts.append(f"cannot show the value of {_named(changed)}")
    return ", and ".join(parts)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON, in which `true` is not 1, and 1.0 is."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _losses(field: Field, given: Any, shown: Any, path: _Path) -> Iterator[tuple[_Path, _Why]]:
    if field.kind == "object" and isinstance(given, Mapping) and isinstance(shown, Mapping):
        yield from _losses_of_parts(field, given, shown, path)
    elif field.kind == "table" and isinstance(given, list) and isinstance(shown, list) and len(given) == len(shown):
        row = replace(field, kind="object")
        for number, (one, other) in enumerate(zip(given, shown, strict=True)):
            yield from _losses(row, one, other, (*path, number))
    elif not same(given, shown):
        yield path, "changed"


def _losses_of_parts(
    field: Field, given: Mapping[str, Any], shown: Mapping[str, Any], path: _Path
) -> Iterator[tuple[_Path, _Why]]:
    parts = {child.name: child for child in field.children}
    for name, value in given.items():
        if name not in parts:
            yield (*path, name), "unknown"
        elif name not in shown:
            yield (*path, name), "changed"
        else:
            yield from _losses(parts[name], value, shown[name], (*path, name))
    yield from (((*path, name), "changed") for name in shown if name not in given and not parts[name].required)


def _named(paths: list[_Path]) -> str:
    more = f" and {len(paths) - _MAX_NAMED} more" if len(paths) > _MAX_NAMED else ""
    return ", ".join(code(path_of(path)) for path in paths[:_MAX_NAMED]) + more
