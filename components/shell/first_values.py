"""What a link sets, on the page to which one goes next.

Streamlit carries the values of fields from page to page, but knows only those that two script runs have had: of a
session whose script has run once it forgets what its link has set.
"""

from urllib.parse import parse_qs, urlencode

import streamlit as st

from components.shell.history_entry import address, read_address
from components.shell.keys import CARRIED, MODEL
from streaming.core.model_spec import PROVIDERS

FIRST = "session.first_values"
"""The session's value with the page of its only script run, and what of its address goes along to another page; `None`
after the second."""


def carry_first_values(page: str, *, back: bool) -> None:
    """Before the fields of a second script run: give those of another page what the link had set.

    Who went `back` to the page gets what its address says.
    """
    known = st.session_state.get(FIRST)
    if known is None:
        return
    st.session_state[FIRST] = None
    first_page, carried = known
    if first_page != page and not back:
        # As a link on the first page has it: Streamlit leaves out what a field there has bound too. The browser sends
        # it a second time where that field has the same value.
        sent = parse_qs(address(), keep_blank_values=True)
        here = {name: list(dict.fromkeys(values)) for name, values in sent.items()}
        read_address(urlencode({**carried, **here}, doseq=True))
        # Its field is not bound to the address, whose short names are not the field's labels.
        if (model := st.query_params.get(MODEL)) in PROVIDERS:
            st.session_state[MODEL] = model


def note_first_values(page: str) -> None:
    """After the fields of the session's first script run: note what its link has set."""
    if FIRST not in st.session_state:
        url = st.query_params
        st.session_state[FIRST] = (page, {name: url.get_all(name) for name in CARRIED if name in url})
