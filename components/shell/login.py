"""Login, where the operator of the server asks for it."""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from streaming.services import get_services


def require_login() -> None:
    """Stop the script for visitors who are not logged in; without the setting `login` everyone passes."""
    if not get_services().settings.login or getattr(st.user, "is_logged_in", False):
        return
    st.title("Streaming Lab", anchor=False)
    st.markdown("Log in to continue.")
    if st.button("Log in", type="primary", icon=":material/login:", key="login"):
        try:
            st.login()
        except StreamlitAPIException:
            st.error(
                "The login is not set up yet: put a section `[auth]` into `.streamlit/secrets.toml`, and install the "
                "packages of `requirements-login.txt`.",
                icon=":material/key_off:",
            )
    st.stop()


def offer_logout() -> None:
    """The button to log out, where there is a login."""
    if get_services().settings.login:
        st.sidebar.button("Log out", icon=":material/logout:", key="logout", on_click=st.logout)
