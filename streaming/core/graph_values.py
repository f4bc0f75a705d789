"""What a graph gets beside its input, checked before a run fails with it: its context and its configurable values."""

from collections.abc import Mapping
from typing import Any

from streaming.core.errors import InputError
from streaming.core.graph_description import GraphDescription
from streaming.core.json_input import errors_of

_Values = Mapping[str, Any]


def check_values(about: GraphDescription, *, context: _Values | None, configurable: _Values | None) -> None:
    """Raise an `InputError` if the schemas of the graph refuse its context or its configurable values."""
    refused = {
        "Context": _errors_of_context(about, context or {}, configurable or {}),
        "Configurable": errors_of_configurable(about, configurable or {}),
    }
    if wrong := [f"{title}: {sentence}" for title, sentences in refused.items() for sentence in sentences]:
        fields = {**_fields_of(about.context_schema), **_fields_of(about.configurable_schema)}
        raise InputError(" ".join(wrong), advice=f"The fields are {', '.join(fields)}." if fields else "")


def has_fields(schema: Mapping[str, Any]) -> bool:
    """Whether a schema says what is in its object."""
    return bool(schema.get("properties") or schema.get("$ref"))


def shares_fields(about: GraphDescription) -> bool:
    """Whether the graph declares the fields of its context as its configurable values too, as LangGraph does."""
    fields = about.configurable_schema.get("properties")
    return bool(fields) and fields == about.context_schema.get("properties")


def further_values(about: GraphDescription, configurable: Any, context: Any) -> Any:
    """The configurable values without those that the graph gets with its context anyway."""
    if not (shares_fields(about) and isinstance(configurable, Mapping) and isinstance(context, Mapping)):
        return configurable
    return {name: value for name, value in configurable.items() if name not in context or context[name] != value}


def with_context(about: GraphDescription, further: _Values | None, context: _Values | None) -> _Values | None:
    """These configurable values, with the fields of the context where the graph declares both as the same."""
    return {**((shares_fields(about) and context) or {}), **(further or {})} or None


def _errors_of_context(about: GraphDescription, context: _Values, configurable: _Values) -> list[str]:
    schema = about.context_schema
    if not has_fields(schema):
        return []
    # A graph can read its context from its configurable values instead.
    needed = schema.get("required") or ()
    instead = not context and configurable and all(name in configurable for name in needed)
    return [] if instead else errors_of(context, schema)


def errors_of_configurable(about: GraphDescription, values: _Values) -> list[str]:
    """What the schema of the configurable values refuses; the context may have those that it requires."""
    schema = about.configurable_schema
    if not has_fields(schema):
        return []
    return errors_of(values, {**schema, "required": []} if shares_fields(about) else schema)


def _fields_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return schema.get("properties") or {}
