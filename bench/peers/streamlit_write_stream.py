"""A chat in Streamlit with `st.write_stream`."""

import streamlit as st

from bench.peers.graph import words

st.title("Chat")
if prompt := st.chat_input("Ask"):
    st.chat_message("user").write(prompt)
    with st.chat_message("assistant"):
        st.write_stream(words(prompt))
