"""Home: what this is, and which page shows what you need."""

import streamlit as st

from components.features.home import decision_helper, provider_status, start_here
from components.shell.page import open_page

open_page(
    "Streaming Lab",
    lead="See, measure and compare what a LangGraph graph streams. Every page runs a real graph on a real model, shows "
    "what arrives and when, and gives you the code.",
)
start_here()
left, right = st.columns([3, 2])
with left:
    decision_helper()
with right:
    provider_status()
