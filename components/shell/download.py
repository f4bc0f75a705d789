"""Buttons for files to download."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from streaming.core.run import short_id
from streaming.recordings.export import export_recording
from streaming.recordings.format import SUFFIX, Recording


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
    """A download button; `make` creates the file when the button is clicked."""
    # A click must not rerun the script: a rerun could drop `make` before it is called.
    st.download_button(label, make, file_name, mime, on_click="ignore", icon=icon, type=style, key=key)


def offer_recording(label: str, recording: Recording, *, key: str) -> None:
    """A button that downloads the recording as JSON Lines."""
    offer_download(
        label,
        partial(export_recording, recording),
        recording_file_name(recording),
        mime="application/x-ndjson",
        key=key,
    )


def recording_file_name(recording: Recording) -> str:
    """The name of a recording's file: its graph and the first characters of its run's id."""
    return f"{recording.header.graph}-{short_id(recording.header.run_id)}{SUFFIX}"
