"""Pitfalls of streaming code side by side: broken and fixed, each measured on demand."""

import asyncio
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.run_panel.diagnosis import PITFALL_PARAM
from components.shell.session import recall
from components.shell.session_commands import store_value
from streaming.core.pitfall import Pitfall

_FOUND = "pitfalls"
_EVERY = "All of them"
_WAYS = ((False, ":red-badge[broken]"), (True, ":green-badge[fixed]"))


def show_pitfalls(pitfalls: Sequence[Pitfall]) -> None:
    """A button that runs all of them, and each mistake with its code, and what happened both ways.

    `?pitfall=…` shows one alone, as the advice beside a run links it.
    """
    shown = _chosen(pitfalls)
    started = st.button("Run all, both ways", type="primary", icon=":material/play_arrow:", key="run")
    # Its place is kept, or what is below would be drawn into it while the pitfalls run.
    area = st.empty()
    if started:
        _measure_all(shown, pitfalls, area)
    for pitfall in shown:
        number = pitfalls.index(pitfall)
        with st.container(border=True, key=f"pitfall_{number}"):
            _show(pitfall, number)


def _chosen(pitfalls: Sequence[Pitfall]) -> Sequence[Pitfall]:
    """The pitfalls to show: the one in the URL, or all."""
    titles = {pitfall.name: pitfall.title for pitfall in pitfalls}
    in_url = st.query_params.get(PITFALL_PARAM)
    options = ["", *titles]
    chosen = st.selectbox(
        "Show",
        options,
        index=options.index(in_url) if in_url in options else 0,
        # A list shows no Markdown.
        format_func=lambda name: titles.get(name, _EVERY).replace("`", ""),
        key="pitfall",
    )
    if chosen:
        st.query_params[PITFALL_PARAM] = chosen
    else:
        st.query_params.pop(PITFALL_PARAM, None)
    return [pitfall for pitfall in pitfalls if pitfall.name == chosen] or pitfalls


def _measure_all(shown: Sequence[Pitfall], pitfalls: Sequence[Pitfall], area: DeltaGenerator) -> None:
    """Measure one after the other; a click on Stop ends the script between two of them, and keeps what is measured."""
    with area.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", key="stop_pitfalls")
        bar = st.progress(0.0, "Running all, both ways")
    for done, pitfall in enumerate(shown):
        bar.progress(done / len(shown), pitfall.title)
        _measure(pitfall, pitfalls.index(pitfall))
    area.empty()


def _show(pitfall: Pitfall, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"{number + 1}. {pitfall.title}", anchor=pitfall.name, width="content")
        if st.button("Run both", icon=":material/play_arrow:", key=f"run_pitfall_{number}"):
            _measure(pitfall, number)
    st.markdown(pitfall.symptom)
    found: tuple[str, str] | None = recall(f"{_FOUND}.{number}")
    for column, (fixed, badge) in zip(st.columns(2), _WAYS, strict=True):
        column.markdown(badge)
        column.code(pitfall.right if fixed else pitfall.wrong, language="python", wrap_lines=True)
        column.markdown(found[fixed] if found else ":gray[Run it to see what happens.]")
    st.caption(pitfall.cure)


def _measure(pitfall: Pitfall, number: int) -> None:
    broken, fixed = asyncio.run(_both(pitfall))
    store_value(f"{_FOUND}.{number}", (broken, fixed))


async def _both(pitfall: Pitfall) -> tuple[str, str]:
    return await pitfall.measure(False), await pitfall.measure(True)
