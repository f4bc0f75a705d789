"""The script that Streamlit runs for each visitor: page configuration, login, session and navigation, nothing else.

It is not in the folder that contains `pages/`: there, Streamlit would take that folder for its older kind of multipage
app, and run a deep-linked page alone on a cold server.
"""

import streamlit as st

from components.player.channel import feed_where_unreachable
from components.shell.first_values import carry_first_values, note_first_values
from components.shell.format import escape_markdown
from components.shell.history_entry import restore_entry
from components.shell.login import offer_logout, require_login
from components.shell.navigation import ICON, name_in_session, navigate
from components.shell.page import mark_drawn
from components.shell.session import link_trouble
from components.shell.session_commands import open_session

# The tab's icon comes before the pages: without one, Streamlit loads the page's own icon from Google's font server.
st.set_page_config(page_icon=ICON, layout="wide")
back = restore_entry()
page = navigate()
st.set_page_config(page_title=f"{page.title} · Streaming Lab")
require_login()
offer_logout()
name = name_in_session(page)
open_session(name)
carry_first_values(name, back=back)
if trouble := link_trouble(name):
    st.info(escape_markdown(trouble), icon=":material/link_off:")
try:
    with feed_where_unreachable():
        page.run()
finally:
    note_first_values(name)
    mark_drawn()
