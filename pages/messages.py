"""Messages: live tokens, and what each way of drawing them costs."""

import streamlit as st

from components.chat import chat_turn, past_turns
from components.controls import pick_pacing
from components.desk import open_desk
from components.figures import FigureRow
from components.page import open_page, show_code
from components.raw import RawParts
from graphs import GRAPHS
from graphs.picture import nodes_of

open_page(
    "Messages",
    modes=("messages",),
    lead="Tokens as the model writes them, each with the node it comes from. This is the mode that makes an answer "
    "feel fast; how its text is flushed to the screen decides whether it also stays fast.",
    use="when people read along: a chat, a draft, an explanation.",
    avoid="for progress or data. Filter by node or tag, or the inner monologue of every node ends up in the chat.",
)
desk = open_desk("messages", GRAPHS, default="chat", modes=("messages",))
figures = FigureRow(st.container())
pacing = pick_pacing()
left, right = st.columns(2)
names = nodes_of(GRAPHS[desk.shown.graph.name])
nodes = left.pills("Only these nodes", names, selection_mode="multi", key="nodes", bind="query-params")
tags = right.pills("Only these tags", ["answer", "draft"], selection_mode="multi", key="tags", bind="query-params")
talk = st.container(key="chat")
follow_up = st.container()
cost = st.empty()
st.subheader("Raw parts", anchor=False)
raw = RawParts(st.container())
past_turns(talk, desk)
chat_turn(talk, follow_up, desk, pacing=pacing, nodes=nodes, tags=tags, views=(figures, raw), cost=cost)
show_code(desk.shown, before=desk.turns)
