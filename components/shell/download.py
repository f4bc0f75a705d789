"""Files that the visitor can take along."""

from collections.abc import Callable
from typing import Literal

import streamlit as st


def offer_download(
    label: str,
    make: Callable[[], str | bytes],
    file_name: str,
    *,
    mime: str,
    key: str,
    icon: str = ":material/download:",
    type: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    """A button for a file that is made when it is asked for."""
    # A click must not run the script again: that would forget this button's maker, now and then before it was asked.
    st.download_button(label, make, file_name, mime, on_click="ignore", icon=icon, type=type, key=key)
