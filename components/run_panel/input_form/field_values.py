"""What the inputs of one field share: the value of a field that is left out, its key, and the label."""

from typing import Final

from components.run_panel.input_form.fields import Field
from components.shell.format import escape_markdown

MISSING: Final = object()
"""The value of a field that is left out."""


_KEYS_BESIDE = frozenset(
    {
        *("add", "by", "changed", "edition", "file", "first", "raw"),
        *("remove", "role", "rows", "sent", "text", "touched"),
    }
)
"""What the inputs of one field add to its key."""


def key_of(name: str) -> str:
    """The name of a field as a part of its key, which no other field and no other input has."""
    plain = name.replace("%", "%25").replace(".", "%2E")
    return f"%{plain}" if name in _KEYS_BESIDE or name.isdigit() else plain


def label_of(field: Field) -> str:
    """What is written above the input of this field."""
    return escape_markdown(field.title or field.name or "Input")
