"""The door: who must log in, where whoever runs the server wants that."""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from components.text import plain
from streaming.settings import settings


def require_login() -> None:
    """Let only visitors through who are logged in; everybody where no login is asked for."""
    if not settings().login:
        return
    if getattr(st.user, "is_logged_in", False):
        st.sidebar.button("Log out", icon=":material/logout:", key="logout", on_click=st.logout)
        return
    st.title("Streaming Lab", anchor=False)
    st.markdown("This server is for people it knows.")
    if st.button("Log in", type="primary", icon=":material/login:", key="login"):
        try:
            st.login()
        except StreamlitAPIException as error:
            st.error(
                f"The login is not set up: {plain(str(error).splitlines()[0])} Put a section `[auth]` into "
                "`.streamlit/secrets.toml`, and install the packages of `requirements-login.txt`."
            )
    st.stop()
