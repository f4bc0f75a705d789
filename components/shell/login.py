"""Login, if the operator's setting `login` requires it."""

import streamlit as st
from streamlit.errors import StreamlitAPIException

from streaming.services import get_services


def require_login() -> None:
    """Stop the script for visitors who are not logged in; does nothing without the setting `login`."""
    if not get_services().settings.login or getattr(st.user, "is_logged_in", False):
        return
    st.title("Streaming Lab", anchor=False)
    st.markdown("Log in to continue.")
    if st.button("Log in", type="primary", icon=":material/login:", key="login"):
        try:
            st.login()
        except StreamlitAPIException:
            st.error(
                "Login is not set up yet. Add a section `[auth]` to `.streamlit/secrets.toml`, and install the "
                "packages in `requirements-login.txt`.",
                icon=":material/key_off:",
            )
    st.stop()


def offer_logout() -> None:
    """A button to log out, if the setting `login` is on."""
    if get_services().settings.login:
        st.sidebar.button("Log out", icon=":material/logout:", key="logout", on_click=st.logout)
