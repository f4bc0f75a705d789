"""Replay: a recorded run as it happened, slower, or step by step."""

import streamlit as st

from components.charts.gaps import show_gaps
from components.features.replay import beside, choose_recording, describe, play
from components.features.side_by_side import share
from components.player.replay_mount import TOKENS
from components.shell.keys import VIEW_PARAM
from components.shell.page import open_page

open_page(
    "Replay",
    lead="Any recorded run again: as it happened, slower, or step by step.",
    why="Every run is stored with the time of each of its events. Play one as it happened, slow it down, step from "
    "event to event, and see the same run through any mode that it recorded. Live and replayed pictures come from the "
    "same code, so they cannot disagree.",
    use="to explain a stream to a room, to look twice at a stutter, and where the Wi-Fi is bad: a file needs none.",
    avoid="as a measurement of this machine: the times are those of the machine that recorded it.",
)
recording = choose_recording()
if recording is None:
    st.stop()
shown = beside(recording)
play(shown)
describe(shown)
with st.container(horizontal=True):
    share(shown, view=st.query_params.get(VIEW_PARAM, TOKENS))
with st.expander("Gaps between text chunks"):
    for one, name in shown:
        show_gaps(one, name)
