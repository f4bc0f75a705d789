"""The address to which the browser's *Back* and *Forward* lead."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


def restore_entry() -> bool:
    """Read the address as it is, before the fields of its page are drawn; return whether *Back* or *Forward* led to it.

    Streamlit leaves out what a field of the page before has bound too, and takes it out of the browser's address.
    """
    context = get_script_run_ctx()
    if context is None or not context.is_history_navigation:
        return False
    read_address(address())
    return True


def address() -> str:
    """The query string that the browser has sent with this script run."""
    context = get_script_run_ctx()
    return "" if context is None else context.query_string


def read_address(query: str) -> None:
    """Let the fields of the page begin with what this query string says, and the browser have it as its address."""
    if (context := get_script_run_ctx()) is None:
        return
    with context.session_state.query_params() as params:
        params.populate_from_query_string(query)
        params.set_initial_query_params_from_current()
    st.query_params.update()  # sends all of them to the browser
