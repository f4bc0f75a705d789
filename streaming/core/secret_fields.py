"""Which parts of a value are secret by its JSON schema, such as pydantic's `SecretStr`, and the value without them.

A secret that is typed is for the graph alone: everything else has the value without it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streaming.core.json_paths import Path, changed_at, part_at

HIDDEN = "[key]"
"""Takes the place of a secret."""


def is_secret(schema: Mapping[str, Any]) -> bool:
    """Whether nobody shows a value of this schema, as pydantic describes `SecretStr`."""
    return schema.get("format") == "password" or schema.get("writeOnly") is True


def secret_paths(value: Any, schema: Mapping[str, Any]) -> list[Path]:
    """Where the value has texts or numbers that are secret by this schema, also where only one choice of it says so."""
    return list(dict.fromkeys(_Reader(schema).paths(value, schema, ())))


def secret_texts(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """The secrets in the value, as texts."""
    return [str(part_at(value, path)) for path in secret_paths(value, schema)]


def hidden(value: Any, schema: Mapping[str, Any], *, by: str = HIDDEN) -> Any:
    """The value with this text in the place of each secret."""
    for path in secret_paths(value, schema):
        value = changed_at(value, path, by)
    return value


def apart(value: Any, schema: Mapping[str, Any]) -> tuple[Any, dict[Path, Any]]:
    """The value without its secret fields, and these; a list with a secret in it is one as a whole.

    `None` without the value, if that is secret itself.
    """
    fields: dict[Path, Any] = {}
    for path in secret_paths(value, schema):
        field = path[: next((at for at, name in enumerate(path) if isinstance(name, int)), len(path))]
        fields.setdefault(field, part_at(value, field))
    for field in fields:
        value = _without(value, field) if field else None
    return value, fields


def together(value: Any, fields: Mapping[Path, Any]) -> Any:
    """The value with these fields, except where it has the field itself, or nothing that the field belongs to."""
    for field, secret in fields.items():
        if not field and value is None:
            return secret
        holder = part_at(value, field[:-1])
        if field and isinstance(holder, Mapping) and field[-1] not in holder:
            value = changed_at(value, field, secret)
    return value


def _without(value: Any, field: Path) -> Any:
    holder = {name: part for name, part in part_at(value, field[:-1]).items() if name != field[-1]}
    return changed_at(value, field[:-1], holder)


class _Reader:
    """Reads a value along its schema; each part of the schema once for each place, as it may name itself."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._seen: set[tuple[Path, int]] = set()

    def paths(self, value: Any, schema: Any, path: Path) -> Iterator[Path]:
        if not isinstance(schema, Mapping) or (path, id(schema)) in self._seen:
            return
        self._seen.add((path, id(schema)))
        if value and isinstance(value, str | int | float) and not isinstance(value, bool) and is_secret(schema):
            yield path
        for same in self._of_the_same(schema):
            yield from self.paths(value, same, path)
        for name, part, inner in _inside(value, schema):
            yield from self.paths(part, inner, (*path, name))

    def _of_the_same(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        """The other schemas of the same value."""
        if "$ref" in schema:
            yield part_at(self._root, tuple(map(_unescaped, str(schema["$ref"]).removeprefix("#/").split("/"))))
        for word in ("allOf", "anyOf", "oneOf"):
            yield from _listed(schema.get(word))


def _inside(value: Any, schema: Mapping[str, Any]) -> Iterable[tuple[str | int, Any, Any]]:
    """The parts of an object or a list with their schemas."""
    if isinstance(value, Mapping):
        named, others = schema.get("properties"), schema.get("additionalProperties")
        properties = named if isinstance(named, Mapping) else {}
        return [(name, part, properties.get(name, others)) for name, part in value.items()]
    if isinstance(value, list):
        first, others = _listed(schema.get("prefixItems")), schema.get("items")
        return [(at, part, first[at] if at < len(first) else others) for at, part in enumerate(value)]
    return ()


def _listed(schemas: Any) -> list[Any]:
    return schemas if isinstance(schemas, list) else []


def _unescaped(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")
