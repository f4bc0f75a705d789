"""A chat in Streamlit that draws the whole text with every token."""

import streamlit as st

from bench.peers.graph import words

st.title("Chat")
if prompt := st.chat_input("Ask"):
    st.chat_message("user").write(prompt)
    with st.chat_message("assistant"):
        answer, text = st.empty(), ""
        for piece in words(prompt):
            text += piece
            answer.markdown(text)
