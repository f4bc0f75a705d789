"""The input of a file, which is kept in the session."""

import base64
from typing import Any

import streamlit as st

from components.run_panel.input_form.field_values import MISSING, label_of
from components.run_panel.input_form.fields import Field
from components.shell.format import escape_markdown
from components.shell.session import recall
from components.shell.session_commands import store_value

_UNNAMED = "the file in the JSON"


def file_input(field: Field, *, key: str) -> Any:
    """The file in base64; it is kept when another page is drawn, until it is removed or replaced here."""
    st.file_uploader(label_of(field), key=key, help=field.help or None, on_change=_keep_file, args=(key,))
    kept: tuple[str, str] | None = recall(f"{key}.file")
    if kept is None and field.sent and isinstance(field.default, str) and not recall(f"{key}.changed"):
        kept = (_UNNAMED, field.default)
    if kept is None:
        return MISSING
    if st.session_state.get(key) is None:
        name = escape_markdown(kept[0])
        st.button(f"Remove {name}", key=f"{key}.remove", type="tertiary", on_click=_forget_file, args=(key,))
    return kept[1]


def _keep_file(key: str) -> None:
    upload = st.session_state.get(key)
    content = None if upload is None else (upload.name, base64.b64encode(upload.getvalue()).decode())
    store_value(f"{key}.file", content)
    store_value(f"{key}.changed", True)


def _forget_file(key: str) -> None:
    store_value(f"{key}.file", None)
    store_value(f"{key}.changed", True)
