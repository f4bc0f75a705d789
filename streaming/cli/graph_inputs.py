"""The input of a graph that has a state of its own: JSON, and the field that the prompt fills."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from streaming.core.errors import InputError
from streaming.core.graph_description import GraphDescription
from streaming.core.graph_prompt import named_prompt, takes_prompt
from streaming.core.graph_values import check_values
from streaming.core.json_input import errors_of_input, read_json
from streaming.core.request import GraphSource, HasDescription, RunRequest
from streaming.core.serialization import to_plain
from streaming.runtime.graph_descriptions import values_of


def input_of(graph: GraphSource, text: str, prompt: str) -> Any:
    """The input of `--input`, in which the prompt fills its field if there is one; raises `InputError`."""
    value, trouble = read_json(text)
    if trouble:
        raise InputError(f"--input: {trouble}")
    if isinstance(value, Mapping) and prompt and isinstance(of_prompt := to_plain(graph.to_input(prompt)), Mapping):
        value = {**value, **of_prompt}
    schema = graph.description.input_schema if isinstance(graph, HasDescription) else {}
    if wrong := errors_of_input(value, schema):
        raise InputError(f"--input: {' '.join(wrong)}", advice=_fields(schema))
    return value


def check_given(about: GraphDescription, prompt: str, graph_input: str) -> None:
    """Raise `InputError` if nothing is given to run this graph with: only the graphs here have examples."""
    if prompt.strip() or graph_input.strip():
        return
    ways = "Give a prompt, or its" if takes_prompt(about.input_schema) else "Give its"
    advice = f"{ways} whole input by --input '{{…}}'. {_fields(about.input_schema)}"
    raise InputError("Nothing is given to run this graph with.", advice=advice.strip())


def with_values(request: RunRequest, *, context: str, configurable: str) -> RunRequest:
    """The request with its `--context` and `--configurable`; raises `InputError`, also where a context is missing."""
    values, config = _object("--context", context), _object("--configurable", configurable)
    check_values(values_of(request.graph), context=values, configurable=config)
    request = replace(request, context=values or None, configurable=config or None)
    request.check()
    return request


def _object(option: str, text: str) -> Mapping[str, Any]:
    value, trouble = read_json(text) if text else ({}, "")
    if trouble or not isinstance(value, Mapping):
        raise InputError(f"{option}: {trouble or 'it is no JSON object.'}", advice='Write {"name": "value"}.')
    return value


def use_of_prompt(about: GraphDescription) -> str:
    """Into which field the prompt went, and which others there are; empty where nothing else could be meant."""
    schema = about.input_schema
    name = named_prompt(schema)
    if name is None:
        return ""
    others = [field for field in schema["properties"] if field != name]
    more = f" --input '{{…}}' gives {', '.join(others)} too." if others else ""
    return f"The prompt is the input's “{name}”.{more}"


def _fields(schema: Mapping[str, Any]) -> str:
    return f"Its fields are {', '.join(schema['properties'])}." if schema.get("properties") else ""
