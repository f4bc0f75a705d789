"""Race: configurations side by side."""

import streamlit as st

from components.features.race.blind_test import run_blind_test
from components.features.race.lane import pick_lanes
from components.features.race.race import run_race
from components.features.race.repeats import repeat_race
from components.shell.page import open_page, show_code
from graphs import GRAPHS

open_page(
    "Race",
    lead="The same prompt under two to four configurations, started together: streaming against blocking, one model "
    "against another, one flush strategy against another. Look, then measure, then ask people without naming any.",
    use="to decide how an answer should appear: with figures for the engineer, and votes for the product.",
    avoid="reading a race on one machine as a benchmark of the models: the lanes share its processors.",
)
lanes = pick_lanes(GRAPHS, prompt=GRAPHS["chat"].examples[0], page="race")
look, again, blind = st.tabs(["Race", "Repeats", "Blind test"])
with look:
    run_race(lanes, page="race")
with again:
    repeat_race(lanes, page="race")
with blind:
    run_blind_test(lanes, page="race")
show_code(lanes[0].request)
