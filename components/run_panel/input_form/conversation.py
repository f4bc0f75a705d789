"""The input of a conversation: messages with their roles."""

from typing import Any

import streamlit as st

from components.run_panel.input_form.field_values import MISSING, label_of
from components.run_panel.input_form.fields import Field
from components.run_panel.offered_graph import FIRST_PROMPT

_ROLES = ("human", "ai", "system")
_ROLE_WIDTH = 120
"""Pixels, for LangChain's longest name of these."""


def messages_input(field: Field, *, key: str) -> Any:
    """The messages as LangChain takes them; `MISSING` if they are left out, as a value without them may be."""
    st.caption(label_of(field), help=field.help or None)
    count_key = f"{key}.rows"
    fewest = 0 if field.left_out else 1
    first = [message for message in field.default or () if isinstance(message, dict)]
    count = st.session_state.setdefault(count_key, len(first) or fewest)
    messages = []
    for row in range(count):
        with st.container(horizontal=True):
            before = first[row] if row < len(first) else {"content": "" if row else FIRST_PROMPT}
            role = st.selectbox(
                "From",
                _ROLES,
                _ROLES.index(kind) if (kind := before.get("type")) in _ROLES else 0,
                key=f"{key}.{row}.role",
                label_visibility="collapsed",
                persist_state="session",
                width=_ROLE_WIDTH,
            )
            content = st.text_area(
                f"Message {row + 1}",
                str(before.get("content", "")),
                key=f"{key}.{row}.text",
                height=68,
                label_visibility="collapsed",
                placeholder="What the message says",
                persist_state="session",
            )
        messages.append({"type": role, "content": content})
    with st.container(horizontal=True):
        add, remove = "Add a message", "Remove the last"
        st.button(
            add,
            key=f"{key}.add",
            type="tertiary",
            icon=":material/add:",
            on_click=_set_rows,
            args=(count_key, count + 1),
        )
        if count > fewest:
            st.button(remove, key=f"{key}.remove", type="tertiary", on_click=_set_rows, args=(count_key, count - 1))
    return messages if messages or field.required else MISSING


def _set_rows(count_key: str, count: int) -> None:
    st.session_state[count_key] = count
