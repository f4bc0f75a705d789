"""Race: configurations side by side."""

import streamlit as st

from components.features.race.blind_test import run_blind_test
from components.features.race.lane_controls import pick_lanes
from components.features.race.other_tabs import RACE, REPEATS, TAB_PARAM, TABS, tell_of_others
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
    tabs = st.tabs(TABS, key=TAB_PARAM, bind="query-params")
# A race that the script draws itself holds it up: what is in sight is drawn first.
for tab, name in sorted(zip(tabs, TABS, strict=True), key=lambda one: not one[0].open):
    with tab:
        tell_of_others("race", tab=name, in_sight=bool(tab.open))
        if name == RACE:
            run_race(lanes, page="race", graphs=GRAPHS)
        elif name == REPEATS:
            repeat_race(lanes, page="race", graphs=GRAPHS)
        else:
            run_blind_test(lanes, page="race", in_sight=bool(tab.open))
show_code(lanes[0].request)
