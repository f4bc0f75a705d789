"""Buttons for files to download."""

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
    style: Literal["secondary", "tertiary"] = "secondary",
) -> None:
    """A button for a file that is made on the click."""
    # A click must not rerun the script: that could drop this button's `make` before it is called.
    st.download_button(label, make, file_name, mime, on_click="ignore", icon=icon, type=style, key=key)
