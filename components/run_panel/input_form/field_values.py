"""What the inputs of one field share: the value of a field that is left out, and the label."""

from typing import Final

from components.run_panel.input_form.fields import Field
from components.shell.format import escape_markdown

MISSING: Final = object()
"""The value of a field that is left out."""


def label_of(field: Field) -> str:
    """What is written above the input of this field."""
    return escape_markdown(field.title or field.name or "Input")
