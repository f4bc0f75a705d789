"""A page as pages use the player: it is mounted before the run, and its script ends at once."""

import streamlit as st

from components.player.mount import mount_player

st.session_state["scripts"] = st.session_state.get("scripts", 0) + 1
for run in ("whole", "cut"):
    if st.button(f"Run {run}"):
        st.session_state["run"] = run

run_id = st.session_state.get("run")
with st.container(key="token_pane"):
    ended = mount_player([run_id] if run_id else [], key="live", idle="Press Run to start.")
st.text(f"scripts {st.session_state['scripts']}")
if ended:
    st.text(f"told of the end: {ended}")
