"""What a form needs to know of a JSON schema: one field for each part, raw JSON for what a form cannot hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from streaming.core.graph_prompt import are_messages
from streaming.core.secret_fields import is_secret

Kind = Literal["object", "table", "list", "messages", "choice", "whole", "number", "switch", "text", "file", "json"]

MAX_DEPTH = 5
"""Objects inside objects; what is deeper is raw JSON."""

MAX_FIELDS = 400
"""Inputs of one form; an object with which there would be more is raw JSON."""

MAX_NUMBER = 2**53
"""From here on a browser's numbers are not exact."""

_MASK = "*" * 10
"""What pydantic writes into a schema in place of a secret."""

Schema = Mapping[str, Any]
_PLAIN: Mapping[str, Kind] = {"string": "text", "integer": "whole", "number": "number", "boolean": "switch"}
_IN_A_TABLE = frozenset({"text", "whole", "number", "switch", "choice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One part of a form.

    `children` are the fields of an object, of a row of a table, or of the parts of a list of fixed length (raw JSON).
    `item` is what a list holds, or the first of several choices (raw JSON). `default` is `None` if the schema has none.
    A field that is not `required` may be left out, and an object or a file begins so unless it is `sent`; one that is
    `nullable` may be null; `anything` if the schema tells no type. A `secret` is typed unseen. `untold` if there is a
    default that the schema does not tell: only if the field is left out, the graph has it. One that is `left_out`
    begins so where it may, as the value that fills the form does not have it.
    """

    name: str
    kind: Kind
    title: str = ""
    help: str = ""
    required: bool = True
    nullable: bool = False
    default: Any = None
    options: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    children: tuple["Field", ...] = ()
    item: "Field | None" = None
    base64: bool = False
    sent: bool = False
    anything: bool = False
    secret: bool = False
    untold: bool = False
    left_out: bool = False


def filled(field: Field, value: Any) -> Field:
    """The same form that begins with this value and nothing else; what a form cannot hold of it is not there.

    What the value has empty is sent empty, and what it does not have is left out.
    """
    if field.kind != "object":
        empty = value is None or value in ("", [])
        null_as_json = value is None and field.kind == "json"
        return replace(
            field,
            default=value if isinstance(value, list) or field.kind != "messages" else None,
            required=field.required or empty,
            nullable=field.nullable or null_as_json,
            sent=True,
            left_out=value == [],
        )
    if not isinstance(value, Mapping):
        return _without_value(field)
    children = (
        filled(child, value[child.name]) if child.name in value else _without_value(child) for child in field.children
    )
    return replace(field, children=tuple(children), sent=True)


def _without_value(field: Field) -> Field:
    return replace(field, default=None, left_out=True)


def holding(field: Field, value: Any) -> Field | None:
    """The same form with this value to begin with; `None` if a form cannot hold it."""
    if field.kind != "object":
        fits = field.kind not in ("table", "list", "messages") or isinstance(value, list)
        return replace(field, default=value) if fits and field.kind != "file" else None
    if not isinstance(value, Mapping) or value.keys() - {child.name for child in field.children}:
        return None
    children = [holding(child, value[child.name]) if child.name in value else child for child in field.children]
    held = tuple(child for child in children if child is not None)
    return replace(field, children=held, sent=True) if len(held) == len(children) else None


def field_of(schema: Schema, *, name: str = "") -> Field:
    """The form of a whole schema."""
    return _Reader(schema).read(schema, name=name, required=True, seen=())


class _Reader:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._left = MAX_FIELDS

    def read(self, schema: Any, *, name: str, required: bool, seen: tuple[str, ...]) -> Field:
        about: dict[str, Any] = {"name": name, "title": _readable(name), "required": required}
        if not isinstance(schema, Mapping):
            return Field(kind="json", **about)
        plain, nullable, seen = self._plain(schema, seen)
        about |= {
            # A class that is referred to has a title too, which several fields of this class would share.
            "title": str(schema.get("title") or _readable(name) or plain.get("title") or ""),
            "help": str(plain.get("description") or ""),
            "default": plain.get("default"),
            "nullable": nullable,
            "secret": plain.get("type") == "string" and is_secret(plain),
            "untold": False,
        }
        if about["default"] is not None and (about["secret"] or _has_mask(about["default"])):
            about |= {"default": None, "untold": True}
        if plain.get("x-recursive") or len(seen) > MAX_DEPTH:
            return Field(kind="json", **about)
        return self._of_type(plain, about, seen)

    def _of_type(self, schema: Schema, about: dict[str, Any], seen: tuple[str, ...]) -> Field:
        if "const" in schema:
            return Field(kind="choice", **about, options=(schema["const"],))
        if isinstance(options := schema.get("enum"), list) and options:
            return Field(kind="choice", **about, options=tuple(options))
        kind = schema.get("type")
        properties = schema.get("properties")
        if isinstance(properties, Mapping) and kind in (None, "object"):
            if len(properties) > self._left:
                return Field(kind="json", **about)
            self._left -= len(properties)
            return Field(kind="object", **about, children=self._children(schema, seen))
        if kind == "array":
            return self._list(schema, about, seen)
        if kind == "string" and (schema.get("contentEncoding") == "base64" or schema.get("format") == "binary"):
            return Field(kind="file", **about, base64=True)
        if isinstance(kind, str) and kind in _PLAIN:
            low, high = _bounds(schema, whole=kind == "integer")
            return Field(kind=_PLAIN[kind], **about, minimum=low, maximum=high)
        if choices := [part for part in _choices(schema) if not _is_null(part)]:
            first = self.read(choices[0], name="", required=True, seen=(*seen, ""))
            return Field(kind="json", **about, item=first)
        return Field(kind="json", **about, anything=kind is None)

    def _children(self, schema: Schema, seen: tuple[str, ...]) -> tuple[Field, ...]:
        listed = schema.get("required")
        required = listed if isinstance(listed, list) else ()
        return tuple(
            self.read(part, name=str(name), required=name in required, seen=(*seen, ""))
            for name, part in schema["properties"].items()
        )

    def _list(self, schema: Schema, about: dict[str, Any], seen: tuple[str, ...]) -> Field:
        parts = schema.get("prefixItems")
        if isinstance(parts, list) and parts:
            children = tuple(self.read(part, name="", required=True, seen=(*seen, "")) for part in parts)
            return Field(kind="json", **about, children=children)
        items = schema.get("items")
        # `Annotated[list, add_messages]` has this name, and a schema that does not tell what the list holds.
        if are_messages(items) or (not items and about["name"] == "messages"):
            return Field(kind="messages", **about)
        item = self.read(items, name="", required=True, seen=seen)
        if item.kind == "object" and item.children and all(map(_fits_in_a_table, item.children)):
            return Field(kind="table", **about, children=item.children)
        if _fits_in_a_table(item):
            return Field(kind="list", **about, item=item)
        empty = about["default"] is None and not about["untold"]
        return Field(kind="json", **about | ({"default": []} if empty else {}))

    def _plain(self, schema: Schema, seen: tuple[str, ...]) -> tuple[Schema, bool, tuple[str, ...]]:
        """The schema without `$ref`, `allOf` and a choice with null; whether it may be null."""
        nullable = False
        for _ in range(20):
            if "$ref" in schema:
                ref = str(schema["$ref"])
                beside = {word: value for word, value in schema.items() if word != "$ref"}
                if ref in seen:
                    return {**beside, "x-recursive": True}, nullable, seen
                schema, seen = {**self._definition(ref), **beside}, (*seen, ref)
            elif isinstance(parts := schema.get("allOf"), list) and parts:
                schema = self._merged(schema, parts)
            elif (only := _only_choice(schema)) is not None:
                beside = {word: value for word, value in schema.items() if word not in ("anyOf", "oneOf")}
                schema, nullable = {**only, **beside}, nullable or _may_be_null(schema)
            elif isinstance(types := schema.get("type"), list):
                left = [name for name in types if name != "null"]
                nullable = nullable or "null" in types
                schema = {**schema, "type": left[0] if len(left) == 1 else "any"}
            else:
                break
        return schema, nullable, seen

    def _merged(self, schema: Schema, parts: list[Any]) -> Schema:
        merged: dict[str, Any] = {word: value for word, value in schema.items() if word != "allOf"}
        for part in parts:
            found = self._definition(str(part["$ref"])) if isinstance(part, Mapping) and "$ref" in part else part
            if not isinstance(found, Mapping):
                continue
            both = {**(found.get("properties") or {}), **(merged.get("properties") or {})}
            required = [*(found.get("required") or ()), *(merged.get("required") or ())]
            merged = {**found, **merged} | ({"properties": both, "required": required} if both else {})
        return merged

    def _definition(self, ref: str) -> Schema:
        """What a reference inside the schema names; what cannot be found allows everything."""
        found: Any = self._root
        for name in ref.removeprefix("#/").split("/"):
            found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}


def _readable(name: str) -> str:
    """The name of a field as pydantic writes it in a title, with the capitals that it has itself."""
    return " ".join(word[0].upper() + word[1:] for word in name.replace("_", " ").split()) or name


def _has_mask(default: Any) -> bool:
    if isinstance(default, Mapping):
        return any(map(_has_mask, default.values()))
    return any(map(_has_mask, default)) if isinstance(default, list) else default == _MASK


def _fits_in_a_table(field: Field) -> bool:
    return field.kind in _IN_A_TABLE and all(isinstance(option, str | int | float) for option in field.options)


def _choices(schema: Schema) -> list[Any]:
    return [part for word in ("anyOf", "oneOf") if isinstance(parts := schema.get(word), list) for part in parts]


def _is_null(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") == "null"


def _may_be_null(schema: Schema) -> bool:
    return any(map(_is_null, _choices(schema)))


def _only_choice(schema: Schema) -> Schema | None:
    """The one choice that is not null; `None` if there are several."""
    left = [part for part in _choices(schema) if not _is_null(part)]
    return left[0] if len(left) == 1 and isinstance(left[0], Mapping) else None


def _bounds(schema: Schema, *, whole: bool) -> tuple[float | None, float | None]:
    low, high = _number(schema.get("minimum")), _number(schema.get("maximum"))
    if whole and low is None and isinstance(above := schema.get("exclusiveMinimum"), int):
        low = above + 1
    if whole and high is None and isinstance(below := schema.get("exclusiveMaximum"), int):
        high = below - 1
    return low, high


def _number(value: Any) -> float | None:
    """A bound that an input of numbers can have; a browser knows no others."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    return value if fits else None
