"""Pitfalls of streaming code side by side: broken and fixed, each measured on demand."""

import asyncio
from collections.abc import Sequence

import streamlit as st

from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.core.pitfall import Pitfall

_FOUND = "pitfalls"
_WAYS = ((False, ":red-badge[broken]"), (True, ":green-badge[fixed]"))


def show_pitfalls(pitfalls: Sequence[Pitfall]) -> None:
    """A button that runs all of them, and each mistake with its code, and what happened both ways."""
    if st.button("Run all, both ways", type="primary", icon=":material/play_arrow:", key="run"):
        with st.spinner("Running all, both ways"):
            for number, pitfall in enumerate(pitfalls):
                _measure(pitfall, number)
    for number, pitfall in enumerate(pitfalls):
        with st.container(border=True, key=f"pitfall_{number}"):
            _show(pitfall, number)


def _show(pitfall: Pitfall, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"{number + 1}. {pitfall.title}", anchor=False, width="content")
        if st.button("Run both", icon=":material/play_arrow:", key=f"run_pitfall_{number}"):
            _measure(pitfall, number)
    st.markdown(pitfall.symptom)
    found: tuple[str, str] | None = recall(f"{_FOUND}.{number}")
    for column, (fixed, badge) in zip(st.columns(2), _WAYS, strict=True):
        column.markdown(badge)
        column.code(pitfall.right if fixed else pitfall.wrong, language="python")
        column.markdown(found[fixed] if found else ":gray[Run it to see what happens.]")
    st.caption(pitfall.cure)


def _measure(pitfall: Pitfall, number: int) -> None:
    broken, fixed = asyncio.run(_both(pitfall))
    store_value(f"{_FOUND}.{number}", (broken, fixed))


async def _both(pitfall: Pitfall) -> tuple[str, str]:
    return await pitfall.measure(False), await pitfall.measure(True)
