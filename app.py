"""The app: page configuration, login and navigation, nothing else."""

import streamlit as st

from components.shell.login import offer_logout, require_login
from components.shell.navigation import ICON, navigate

page = navigate()
st.set_page_config(page_title=f"{page.title} · Streaming Lab", page_icon=ICON, layout="wide")
require_login()
offer_logout()
page.run()
