"""The app: page configuration and navigation, nothing else."""

import streamlit as st

from components.navigation import ICON, navigate

page = navigate()
st.set_page_config(page_title=f"{page.title} · Streaming Lab", page_icon=ICON, layout="wide")
page.run()
