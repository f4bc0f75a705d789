"""Race: configurations side by side."""

import streamlit as st

from components.blind import blind_test
from components.lane import pick_lanes
from components.page import open_page, show_code
from components.race import race, repeat
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
    race(lanes, page="race")
with again:
    repeat(lanes, page="race")
with blind:
    blind_test(lanes, page="race")
show_code(lanes[0].request)
