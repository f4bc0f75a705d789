"""The script that Streamlit runs for each visitor: page configuration, login and navigation, nothing else.

It stands apart from `pages/`, because Streamlit takes a folder of that name beside the script for an app of the old
kind, and would run a deep-linked page alone on a cold server.
"""

import streamlit as st

from components.shell.login import offer_logout, require_login
from components.shell.navigation import ICON, navigate

page = navigate()
st.set_page_config(page_title=f"{page.title} · Streaming Lab", page_icon=ICON, layout="wide")
require_login()
offer_logout()
page.run()
