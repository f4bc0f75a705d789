"""Race: configurations side by side."""

import streamlit as st

from components.features.race.blind_test import run_blind_test
from components.features.race.lane_controls import pick_lanes
from components.features.race.race import run_race
from components.features.race.repeats import repeat_race
from components.shell.page import open_page, show_code
from graphs import GRAPHS

open_page(
    "Race",
    lead="One prompt under two to four configurations, started together.",
    why="The same prompt under two to four configurations, started together: streaming against blocking, one model "
    "against another, one flush strategy against another. Watch it, measure it, then run a blind vote.",
    use="to decide how an answer should appear: with figures for the engineer, and votes for the product.",
    avoid="as a benchmark of the models: on one machine the lanes share its processors.",
)
lanes = pick_lanes(GRAPHS, default="chat", page="race")
with st.container(key="race_tabs"):
    race, repeats, blind_test = st.tabs(["Race", "Repeats", "Blind test"])
with race:
    run_race(lanes, page="race")
with repeats:
    repeat_race(lanes, page="race")
with blind_test:
    run_blind_test(lanes, page="race")
show_code(lanes[0].request)
