"""What a graph is: its nodes with file and line, edges, JSON schemas and versions."""

from __future__ import annotations

import dataclasses
import inspect
import platform
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any, get_args, get_origin

from langchain_core.runnables.config import run_in_executor
from pydantic import TypeAdapter
from typing_extensions import NotRequired, Required, get_type_hints  # noqa: UP035 - Python 3.10

from .code_facts import read_code_facts
from .entrypoints import input_code, input_type, readable


def describe(graph: Any, checkpointer: str) -> dict[str, Any]:
    """The description as plain values; a part that the graph cannot give is empty."""
    drawable = _or(graph.get_graph, None)
    edges = [] if drawable is None else [(e.source, e.target, bool(e.conditional)) for e in drawable.edges]
    return {
        "nodes": [_node(name, node) for name, node in graph.nodes.items() if name != "__start__"],
        "edges": edges,
        "subgraphs": _or(lambda: [path.split("|") for path, _ in graph.get_subgraphs(recurse=True)], []),
        "input_schema": _input_schema(graph),
        "input_code": _or(lambda: input_code(graph), {}),
        "output_schema": _schema(graph, "get_output_jsonschema", "output_schema"),
        "context_schema": context_schema(graph),
        "configurable_schema": _configurable(graph),
        "interpreter": sys.executable,
        "python": platform.python_version(),
        "langgraph": installed("langgraph"),
        "checkpointer": checkpointer,
        "store": type(graph.store).__name__ if getattr(graph, "store", None) is not None else "",
        "code": _or(lambda: read_code_facts(graph), {}),
        "typed_parts": _or(lambda: gives_typed_parts(graph), True),
        "threads_last": not checkpointer.startswith("InMemorySaver"),
    }


def without_graph(why: str) -> dict[str, Any]:
    """The description of a graph that its factory does not make yet: any JSON object may be its input."""
    return {
        **{"nodes": [], "edges": [], "subgraphs": [], "unknown": why},
        "input_schema": {"type": "object", "title": "Input"},
        "interpreter": sys.executable,
        "python": platform.python_version(),
        "langgraph": installed("langgraph"),
    }


def gives_typed_parts(graph: Any) -> bool:
    """Whether the graph streams in version 2 too, which makes an object of the state's class of every state.

    That fails at private fields, and at the states of subgraphs.
    """
    accepted = inspect.signature(type(graph).astream).parameters
    return "version" in accepted and getattr(graph, "_output_mapper", None) is None


def installed(package: str) -> str:
    """The version of a package; empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _or(call: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return call()
    except Exception:  # noqa: BLE001 - types of a stranger's state, which may have no schema
        return otherwise


def _schema(graph: Any, method: str, attribute: str = "") -> dict[str, Any]:
    schema = _or(lambda: getattr(graph, method)(), {})
    if not schema and attribute:
        declared = getattr(getattr(graph, "builder", None), attribute, None)
        schema = _or(lambda: _by_fields(declared), {}) if declared is not None else {}
    return schema if isinstance(schema, dict) else {}


def context_schema(graph: Any) -> dict[str, Any]:
    """The schema of the context, without other fields where LangGraph makes an object of it that takes no others."""
    schema = _schema(graph, "get_context_jsonschema", "context_schema")
    declared = getattr(graph, "context_schema", None)
    closed = schema and isinstance(declared, type) and _or(lambda: _is_closed(declared), False)
    return {**schema, "additionalProperties": False} if closed else schema


def _is_closed(declared: type) -> bool:
    """Whether it is a dataclass, whose call fails with a field that it does not have; one of pydantic ignores it."""
    if not dataclasses.is_dataclass(declared) or hasattr(declared, "__pydantic_fields__"):
        return False
    parameters = inspect.signature(declared).parameters.values()
    return not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _input_schema(graph: Any) -> dict[str, Any]:
    """The schema of the input, of which LangGraph needs no particular part if it is a `TypedDict`."""
    schema = _schema(graph, "get_input_jsonschema", "input_schema")
    if not schema and (hint := _or(lambda: input_type(graph), None)) is not None:
        found: dict[str, Any] = _or(lambda: _field_schema(hint), _no_form(hint))
        return found
    declared = getattr(getattr(graph, "builder", None), "input_schema", None)
    # Both kinds of `TypedDict` have this attribute.
    if not hasattr(declared, "__total__"):
        return schema
    schema = _or(partial(_with_all_types, schema, declared), schema)
    return {**schema, "required": []} if "required" in schema else schema


def _with_all_types(schema: dict[str, Any], declared: Any) -> dict[str, Any]:
    """The schema with the types of fields that may be left out (`NotRequired`), which LangGraph does not tell."""
    untold = {name for name, field in schema["properties"].items() if not field.keys() - {"title", "description"}}
    if not untold:
        return schema
    found = _by_fields(declared)
    told = {name: field for name, field in found["properties"].items() if name in untold}
    shared = {**found.get("$defs", {}), **schema.get("$defs", {})}
    return {**schema, "properties": {**schema["properties"], **told}} | ({"$defs": shared} if shared else {})


def _no_form(hint: Any) -> dict[str, Any]:
    """Any JSON object, which says why it has no form."""
    name = getattr(hint, "__name__", str(hint))
    return {"type": "object", "title": name, "description": f"No form can be made of {name}: it is given as JSON."}


def _field_schema(hint: Any) -> dict[str, Any]:
    return TypeAdapter(readable(hint)).json_schema()


def _unqualified(hint: Any) -> Any:
    """The type without `Required` or `NotRequired`, which say nothing of a value."""
    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint


def _by_fields(declared: Any) -> dict[str, Any]:
    """A schema field by field: before Python 3.12 pydantic refuses a `typing.TypedDict` as a whole."""
    hints = get_type_hints(declared, include_extras=True)
    properties, shared = {}, {}
    for name, hint in hints.items():
        field = _or(partial(_field_schema, _unqualified(hint)), {})
        shared.update(field.pop("$defs", {}))
        properties[name] = {"title": name.replace("_", " ").capitalize(), **field}
    schema = {"type": "object", "title": declared.__name__, "properties": properties}
    if needed := getattr(declared, "__required_keys__", ()):
        schema["required"] = [name for name in properties if name in needed]
    return {**schema, "$defs": shared} if shared else schema


def _configurable(graph: Any) -> dict[str, Any]:
    schema = _schema(graph, "get_config_jsonschema")
    inner = (schema.get("properties") or {}).get("configurable") or {}
    reference = str(inner.get("$ref", "")).rpartition("/")[2]
    found = (schema.get("$defs") or {}).get(reference, inner)
    return {**found, "$defs": schema["$defs"]} if "$defs" in schema and found else dict(found)


def _node(name: str, node: Any) -> dict[str, Any]:
    bound = getattr(node, "bound", None)
    afunc = getattr(bound, "afunc", None)
    # LangGraph wraps a synchronous function in a call of `run_in_executor`.
    wrapped = getattr(afunc, "func", None) is run_in_executor
    function = inspect.unwrap(getattr(bound, "func", None) or afunc or (lambda: None))
    code = getattr(function, "__code__", None)
    known = getattr(bound, "func", None) is not None or afunc is not None
    return {
        "name": name,
        "sync": wrapped if known else None,
        "file": code.co_filename if known and code is not None else "",
        "line": code.co_firstlineno if known and code is not None else None,
    }
