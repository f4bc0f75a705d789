"""Where the prompt of a run enters a graph that is known by its JSON schemas only."""

from collections.abc import Mapping
from typing import Any

from streaming.core.secret_fields import is_secret

MESSAGES = "messages"
_NOT_FREE = ("enum", "const", "contentEncoding", "format", "pattern")
"""Words of a schema whose text is chosen or encoded, not written; a decimal number is one with a pattern."""
_ASKED = frozenset({"prompt", "question", "query", "topic", "task", "request", "input", "text"})
"""What authors call the text that a person writes; it may stand behind an id or a name."""


def prompt_field(schema: Mapping[str, Any]) -> str | None:
    """The field of an input that the prompt fills: its messages, the text with the name of a prompt, or its first text.

    `None` without one.
    """
    fields = schema.get("properties") or {}
    if MESSAGES in fields:
        return MESSAGES
    texts = [name for name, field in fields.items() if _is_text(field)]
    return next((name for name in texts if name.lower() in _ASKED), texts[0] if texts else None)


def sure_prompt_field(schema: Mapping[str, Any]) -> str | None:
    """The field of the prompt, if its name or its place says so: another text may be what the graph writes."""
    name = prompt_field(schema)
    first = next(iter(schema.get("properties") or ()), None)
    return name if name is not None and (name in (MESSAGES, first) or name.lower() in _ASKED) else None


def prompt_is_input(schema: Mapping[str, Any]) -> bool:
    """Whether the whole input is a text, or may be one because nothing is known of it."""
    return schema.get("type") in (None, "string") and "properties" not in schema and "$ref" not in schema


def prompt_is_messages(schema: Mapping[str, Any]) -> bool:
    """Whether the whole input is a list of messages, of which the prompt is one."""
    return schema.get("type") == "array" and are_messages(schema.get("items"))


def are_messages(items: Any) -> bool:
    """Whether the parts of a list are LangChain's messages, as its schema has them: one definition for each class."""
    if not isinstance(items, Mapping):
        return False
    if "$ref" in items:
        return str(items["$ref"]).endswith(("AnyMessage", "BaseMessage", "HumanMessage"))
    return any(are_messages(part) for word in ("oneOf", "anyOf") for part in items.get(word) or ())


def named_prompt(schema: Mapping[str, Any]) -> str | None:
    """The field that the prompt fills, where another one could be meant; `None` where that is clear."""
    name = None if prompt_is_input(schema) else prompt_field(schema)
    return None if name == MESSAGES else name


def takes_prompt(schema: Mapping[str, Any]) -> bool:
    """Whether a prompt is the input or a part of it."""
    return prompt_is_input(schema) or prompt_is_messages(schema) or prompt_field(schema) is not None


def without_prompt(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of what a form has to ask beside the prompt; without fields if the prompt is all of the input."""
    if prompt_is_input(schema) or prompt_is_messages(schema):
        return {}
    name = prompt_field(schema)
    if name is None:
        return schema
    fields = {key: field for key, field in schema["properties"].items() if key != name}
    return {**schema, "properties": fields, "required": [key for key in schema.get("required") or () if key != name]}


def beside_prompt(schema: Mapping[str, Any], value: Any) -> Any:
    """The part of an input that is no prompt, as a form for `without_prompt` has it; `None` if all of it is."""
    if prompt_is_input(schema) or prompt_is_messages(schema):
        return None
    name = prompt_field(schema)
    return {key: part for key, part in value.items() if key != name} if isinstance(value, Mapping) else value


def prompt_in(schema: Mapping[str, Any], value: Any) -> str:
    """The text that a person has written as the prompt of this input: its newest message, if it has messages."""
    if isinstance(value, Mapping):
        value = value.get(prompt_field(schema) or "")
    if isinstance(value, list):
        value = value[-1].get("content") if value and isinstance(value[-1], Mapping) else None
    return value if isinstance(value, str) else ""


def _is_text(field: Any) -> bool:
    if not isinstance(field, Mapping) or any(word in field for word in _NOT_FREE) or is_secret(field):
        return False
    return field.get("type") == "string" or any(map(_is_text, field.get("anyOf") or ()))
