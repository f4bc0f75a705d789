"""JSON that a person types: read and checked against a schema, errors as sentences that name the field."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import validator_for

from streaming.core.graph_prompt import MESSAGES, prompt_is_messages
from streaming.core.json_paths import path_of
from streaming.core.secret_fields import secret_texts

MAX_ERRORS = 5
"""Errors that are shown at once."""
MAX_DEPTH = 20
"""Objects and lists inside each other that a form may begin with."""


def read_json(text: str) -> tuple[Any, str]:
    """The value of a JSON text, and why it cannot be read (empty if it can)."""
    try:
        return json.loads(text), ""
    except json.JSONDecodeError as error:
        return None, f"This is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
    except RecursionError:
        return None, "This JSON is nested too deeply."


def can_be_shown(value: Any, depth: int = 0) -> bool:
    """Whether each text can be sent to a browser and each number is one; deep ones cannot be written as JSON again."""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, str):
        return not any("\ud800" <= sign <= "\udfff" for sign in value)
    if isinstance(value, float):
        return abs(value) < float("inf")
    if isinstance(value, Mapping):
        return all(can_be_shown(part, depth + 1) for field in value.items() for part in field)
    return not isinstance(value, list) or all(can_be_shown(part, depth + 1) for part in value)


def errors_of(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What the schema refuses, one sentence each; nothing if the schema itself cannot be used."""
    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
        found = sorted(kind(schema).iter_errors(value), key=lambda error: list(map(str, error.absolute_path)))
    except (SchemaError, RecursionError, LookupError):
        return []
    secrets = secret_texts(value, schema)
    return [_sentence(error, secrets) for error in found[:MAX_ERRORS]]


def errors_of_input(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """What the schema of a graph's input refuses; LangChain takes messages in more forms than their schema has."""
    has_messages = MESSAGES in (schema.get("properties") or {}) or prompt_is_messages(schema)
    return [] if has_messages else errors_of(value, schema)


def _sentence(error: ValidationError, secrets: Iterable[str]) -> str:
    if error.validator == "required":
        # There is one error for each field that is missing, and only its message says which.
        missing = [name for name in error.validator_value if error.message.startswith(f"{name!r} is")]
        return f"{path_of([*error.absolute_path, *missing])}: a value is required."
    message = error.message
    if any(secret in message or repr(secret)[1:-1] in message for secret in secrets):
        # The message quotes what it is about.
        return f"{path_of(error.absolute_path)}: this secret value does not fit its schema ({error.validator})."
    if error.validator == "pattern":
        # As an author writes it: the message has it as Python would, with two backslashes for each.
        message = f"'{error.instance}' does not match '{error.validator_value}'"
    return f"{path_of(error.absolute_path)}: {_short(message)}."


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:120]} … {message[-60:]}"
