"""Wires: one run in the protocols that front ends speak."""

import streamlit as st

from components.features.wires import (
    SOURCES,
    choose_source,
    show_clients,
    show_recording_in_wires,
    show_run_in_wires,
)
from components.run_panel.launcher import open_run_panel
from components.shell.page import open_page
from graphs import GRAPHS, TECHNIQUES
from streaming.core.events import MODES

OFFERED = {**GRAPHS, "agent": TECHNIQUES["agent"], "research": TECHNIQUES["research"]}
# Pixels.
ANSWER = 150

open_page(
    "Wires",
    lead="One run in the protocols that front ends speak.",
    why="A front end rarely reads LangGraph's parts: it speaks AG-UI, LangGraph Server's protocol, Vercel's UI message "
    "stream or OpenAI's chunks. Each is a reducer of the same log, so all of them can be compared for one run: events, "
    "bytes, the first text, and what gets lost. Each event has an id, and a client that was cut off goes on behind it.",
    use="to choose the protocol of a front end, and to see what yours does not get.",
    avoid="as a measurement of a network: the bytes are those that the server sends, before compression.",
)
source = choose_source()
panel = open_run_panel("wires", OFFERED, default="chat", modes=MODES)
panel.play("tokens", key="answer", settings={"height": ANSWER})
compared = st.container(key="compared")
panel.draw_end()
if source != SOURCES[0]:
    with compared:
        show_recording_in_wires()
elif panel.run is not None and panel.over:
    with compared:
        show_run_in_wires(panel.run)
else:
    compared.caption(":material/cable: After the run: its events, bytes and first text in each protocol.")
show_clients(panel.shown)
panel.show_code()
